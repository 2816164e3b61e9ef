/**
 * Types have no pages of their own: one that a function or a class needs stands on the page of that one,
 * and what several of them share stands on a page for each task.
 */
import { posix } from 'node:path';

/** Pages by their paths, as TypeDoc wrote them. */
export type Pages = ReadonlyMap<string, string>;

export interface Grouped {
  pages: Map<string, string>;
  /** By the page that a type had, the page and the part of it where it stands now. */
  places: Map<string, { page: string; anchor: string }>;
}

/** What is known of an export by its page. */
export interface Known {
  /** The file of src/ that it is from. */
  from: string;
  /** The page of types that several exports share. */
  shared: { page: string; heading: string };
}

export const isType = (page: string) => /\/(interfaces|type-aliases)\//.test(page);

export const nameOf = (page: string) => posix.basename(page, '.md');

const entryOf = (page: string) => page.split('/')[0];

export function groupTypes(written: Pages, known: (page: string) => Known): Grouped {
  const users = usersOf(written);
  const places: Grouped['places'] = new Map();
  const pages = new Map([...written].filter(([page]) => !isType(page)));
  const types = [...written.keys()].filter(isType).sort(byName);
  for (const type of types) {
    const { from, shared } = known(type);
    const steps = users.get(type) ?? new Map<string, number>();
    const isNear = (user: string) => entryOf(user) === entryOf(type) && known(user).from === from;
    const page = homeOf(steps, isNear) ?? shared.page;
    if (!pages.has(page)) pages.set(page, `# ${shared.heading}\n`);
    places.set(type, { page, anchor: nameOf(type).toLowerCase() });
  }
  for (const type of types) {
    const { page, anchor } = places.get(type)!;
    const section = sectionOf(written.get(type)!, nameOf(type), anchor);
    const moved = relinked(section, type, page, places);
    pages.set(page, `${pages.get(page)!.trimEnd()}\n\n${moved}`);
  }
  for (const page of written.keys()) {
    if (!pages.has(page)) continue;
    // What has been added to it leads where it should already: nothing of it is a page of a type.
    pages.set(page, relinked(pages.get(page)!, page, page, places));
  }
  return { pages, places };
}

/** Beside what is from the same file, else beside the only one that needs it. */
function homeOf(steps: Map<string, number>, isNear: (user: string) => boolean): string | undefined {
  const near = [...steps.keys()]
    .filter(isNear)
    .sort((a, b) => steps.get(a)! - steps.get(b)! || byName(a, b));
  return near[0] ?? (steps.size === 1 ? [...steps.keys()][0] : undefined);
}

/** For each type, the functions and classes that lead to it, through how many types. */
function usersOf(pages: Pages): Map<string, Map<string, number>> {
  const users = new Map<string, Map<string, number>>();
  const values = [...pages.keys()].filter((page) => !isType(page) && !page.endsWith('README.md'));
  for (const value of values) {
    const seen = new Map([[value, 0]]);
    for (const [page, steps] of seen) {
      for (const next of linksOf(pages.get(page)!, page)) {
        if (!isType(next) || !pages.has(next) || seen.has(next)) continue;
        seen.set(next, steps + 1);
        if (!users.has(next)) users.set(next, new Map());
        users.get(next)!.set(value, steps + 1);
      }
    }
  }
  return users;
}

const LINK = /(\]\()([^()\s#]+\.md)(#[^()\s]+)?(\))/g;

function linksOf(text: string, page: string): string[] {
  return [...text.matchAll(LINK)].map(([, , path]) => resolved(path!, page));
}

const resolved = (path: string, page: string) => posix.join(posix.dirname(page), path);

/** A page whose text goes to another one, with links that lead where the types are now. */
function relinked(text: string, page: string, to: string, places: Grouped['places']): string {
  return text.replace(LINK, (_, before, path, hash = '', after) => {
    const target = resolved(path, page);
    const place = places.get(target);
    const anchor = place ? `#${place.anchor}${partOf(hash)}` : hash;
    const file = place?.page ?? target;
    const inPage = file === to && anchor !== '';
    return before + (inPage ? anchor : relativeTo(file, to) + anchor) + after;
  });
}

const partOf = (hash: string) => hash.replace(/^#(property-)?/, '-').replace(/^-$/, '');

const relativeTo = (file: string, page: string) => posix.relative(posix.dirname(page), file);

/** The text of a type as a part of a page. */
function sectionOf(text: string, name: string, anchor: string): string {
  const parts = text.split(/(^```[\s\S]*?^```)/m).map((part, i) => {
    if (i % 2) return part;
    return (
      part
        .replace(/\]\(#(?:property-)?/g, `](#${anchor}-`)
        .replace(/^# .*$/m, `## ${name} {#${anchor}}`)
        .replace(/^## Properties\n+/m, '')
        // Members of a type are headings of the third level.
        .replace(/^### (.+)$/gm, (line, member) => `${line} {#${anchor}-${slugOf(member)}}`)
        .replace(/^##+ (?!.*\{#[a-z\d]+\}$)/gm, '#$&')
        .replace(/<a id="(?:property-)?([^"]+)">/g, `<a id="${anchor}-$1">`)
    );
  });
  return parts.join('');
}

/** The anchor that TypeDoc gives to a heading. */
const slugOf = (heading: string) => heading.toLowerCase().replace(/[^\w]+/g, '');

const byName = (a: string, b: string) => nameOf(a).localeCompare(nameOf(b), 'en');
