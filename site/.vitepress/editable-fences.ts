/** Turns the snippets of a page that are marked as editable into examples that run in the page. */
import type { MarkdownOptions } from 'vitepress';

/** Stands alone on the line before a snippet. GitHub does not show it. */
export const MARK = '<!-- editable -->';

type MarkdownIt = Parameters<NonNullable<MarkdownOptions['config']>>[0];

export function editableFences(markdown: MarkdownIt): void {
  const fence = markdown.renderer.rules.fence!;
  markdown.renderer.rules.fence = (tokens, index, ...others) => {
    const html = fence(tokens, index, ...others);
    const before = tokens[index - 1];
    if (before?.type !== 'html_block' || before.content.trim() !== MARK) return html;
    // As an address, since Vue would take braces and quotes for its own.
    const code = encodeURIComponent(tokens[index]!.content.trimEnd()).replaceAll("'", '%27');
    return `<EditableExample code='${code}'>${html}</EditableExample>`;
  };
}
