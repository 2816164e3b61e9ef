/** In which language the page speaks, and its sentences with what stands in their gaps. */
import { EN, type Texts } from '../texts/en.js';
import { ZH, ZH_PAGE } from '../texts/zh.js';

export type Language = 'en' | 'zh';

const TEXTS: Record<Language, Texts> = { en: EN, zh: ZH };
const HTML_LANGUAGE: Record<Language, string> = { en: 'en', zh: 'zh-CN' };

const elements = [...document.querySelectorAll<HTMLElement>('[data-text]')];
const english = new Map(elements.map((element) => [element, element.textContent!]));
const links = [...document.querySelectorAll<HTMLAnchorElement>('a[href*="/docs/guide/"]')];

let current: Language = 'en';

/** The language that a browser asks for, English where the page has no other. */
export const languageOf = (tag: string): Language => (tag.startsWith('zh') ? 'zh' : 'en');

export const language = (): Language => current;

/** A sentence, with values in place of its {gaps}. */
export function say(
  name: keyof Texts,
  values: Readonly<Record<string, string | number>> = {},
): string {
  return TEXTS[current][name].replace(/\{(\w+)\}/g, (gap, key: string) =>
    String(values[key] ?? gap),
  );
}

/** Has the page speak a language, and its links lead to the guide in it. */
export function speak(next: Language): void {
  current = next;
  document.documentElement.lang = HTML_LANGUAGE[next];
  for (const element of elements) {
    const inChinese = ZH_PAGE[element.dataset.text!];
    element.textContent = next === 'zh' && inChinese ? inChinese : english.get(element)!;
  }
  document.title = document.querySelector('h1')!.textContent!;
  for (const link of links) {
    link.href = link.href.replace(/guide\/(zh\/)?/, next === 'zh' ? 'guide/zh/' : 'guide/');
  }
}
