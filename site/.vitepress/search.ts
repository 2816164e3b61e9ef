/** The pages as the search reads them. */
import type { DefaultTheme } from 'vitepress';

type Render = NonNullable<DefaultTheme.LocalSearchOptions['_render']>;

const rendered = new Map<string, ReturnType<Render>>();

/**
 * Renders a page once for both builds of VitePress, that of the browser and that which writes the pages, and
 * leaves its code without colours, which the search would take out again: they are most of the work.
 */
export const renderForSearch: Render = (source, env, markdown) => {
  const known = rendered.get(env.path);
  if (known !== undefined) return known;
  const { options } = markdown;
  const { highlight } = options;
  options.highlight = null;
  try {
    const html = markdown.render(source, env);
    rendered.set(env.path, html);
    return html;
  } finally {
    // The renderer is the one that writes the pages.
    options.highlight = highlight;
  }
};
