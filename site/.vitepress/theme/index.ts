import type { Theme } from 'vitepress';
import DefaultTheme from 'vitepress/theme';
import EditableExample from './editable/editable-example.vue';
import './style.css';

export default {
  extends: DefaultTheme,
  enhanceApp: ({ app }) => void app.component('EditableExample', EditableExample),
} satisfies Theme;
