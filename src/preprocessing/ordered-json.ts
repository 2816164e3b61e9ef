/**
 * JSON as Python's `json.dumps` writes it, and maps read back in their written order.
 *
 * `JSON.parse` would move keys such as "10" to the front, and the order of words carries meaning.
 */

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** A string in quotes, all outside printable ASCII escaped, as `json.dumps` does by default. */
export function quote(text: string): string {
  // Of ASCII, JSON.stringify leaves only the last as it is.
  if (/^[\0-~]*$/.test(text)) return JSON.stringify(text);
  const escaped = text.replace(/[^ !#-[\]-~]/g, (unit) => {
    return SHORT_ESCAPES[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}

/** A map as the object that `json.dumps` writes, in the order of the map. */
export function writeMap(map: ReadonlyMap<string | number, string | number>): string {
  const members: string[] = [];
  for (const [key, value] of map) {
    members.push(`${quote(String(key))}: ${typeof value === 'string' ? quote(value) : value}`);
  }
  return `{${members.join(', ')}}`;
}

const SPACE = new Set([...' \t\n\r'].map((unit) => unit.charCodeAt(0)));

/**
 * Reads a flat JSON object of strings and numbers in its written order.
 *
 * @returns The map, or `undefined` when the text is not such an object. Of a repeated key the last
 *   value counts, as in Python.
 */
export function readMap(text: string): Map<string, string | number> | undefined {
  const map = new Map<string, string | number>();
  const string = /"[^"\\]*(?:\\.[^"\\]*)*"/y;
  const number = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
  let at = 0;
  // By the place where a match ends: for each of half a million keys and values, `exec` would
  // make an array of matches.
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return undefined;
    const start = at;
    at = pattern.lastIndex;
    return text.slice(start, at);
  };
  const takeSpace = () => {
    while (SPACE.has(text.charCodeAt(at))) at++;
  };
  const takeUnit = (unit: string): boolean => {
    takeSpace();
    if (text[at] !== unit) return false;
    at++;
    takeSpace();
    return true;
  };

  if (!takeUnit('{')) return undefined;
  if (!takeUnit('}')) {
    do {
      const key = unquote(take(string));
      if (key === undefined || !takeUnit(':')) return undefined;
      const value = text[at] === '"' ? unquote(take(string)) : take(number);
      if (value === undefined) return undefined;
      map.set(key, text[at - 1] === '"' ? value : Number(value));
    } while (takeUnit(','));
    if (!takeUnit('}')) return undefined;
  }
  return at === text.length ? map : undefined;
}

function unquote(quoted: string | undefined): string | undefined {
  if (quoted === undefined) return undefined;
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return undefined;
  }
}
