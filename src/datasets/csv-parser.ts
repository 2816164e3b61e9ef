import { fileError } from '../foundation/reject-file.js';

/** Between fields; the one that the first line has most of. */
const SEPARATORS = [',', ';', '\t'];

/**
 * Takes CSV apart that comes in parts of any length, as RFC 4180 has it, with separators and line ends
 * of other programs, too.
 */
export class CsvParser {
  readonly #where: string;
  readonly #path: string;
  readonly #onRow: (fields: string[], line: number) => void;
  #text = '';
  #separator: string | undefined;
  #fields: string[] = [];
  #line = 1;

  /** @param onRow Is given the fields of each line that is not empty, and its number. */
  constructor(where: string, path: string, onRow: (fields: string[], line: number) => void) {
    this.#where = where;
    this.#path = path;
    this.#onRow = onRow;
  }

  write(part: string): void {
    this.#text += part;
    this.#parse(false);
  }

  end(): void {
    // A last line needs no end, and an empty one is none.
    this.#text += '\n';
    this.#parse(true);
    if (this.#text !== '') this.#fail('a double quote opens a field and none closes it');
  }

  #parse(isLast: boolean): void {
    const text = this.#text;
    this.#separator ??= separatorOf(text, isLast);
    if (this.#separator === undefined) return;
    let at = 0;
    for (;;) {
      const end = this.#endOfField(text, at);
      // What is behind a quote at the very end decides whether it closes the field; so does \r\n.
      if (end === undefined || end + 1 >= text.length + Number(isLast)) break;
      this.#take(text.slice(at, end));
      at = end + 1;
      if (text[end] === this.#separator) continue;
      this.#endRow();
      if (text[end] === '\r' && text[at] === '\n') at++;
    }
    this.#text = text.slice(at);
  }

  /** Where a field that begins at `from` ends, as far as one can see. */
  #endOfField(text: string, from: number): number | undefined {
    let at = from;
    if (text[at] === '"') {
      for (;;) {
        at = text.indexOf('"', at + 1);
        if (at < 0) return undefined;
        if (text[at + 1] !== '"') break;
        at++;
      }
      at++;
      const next = text[at];
      if (next === undefined) return undefined;
      if (next === this.#separator || next === '\n' || next === '\r') return at;
      this.#fail('a field goes on behind its closing double quote');
    }
    for (; at < text.length; at++) {
      const character = text[at];
      if (character === this.#separator || character === '\n' || character === '\r') return at;
    }
    return undefined;
  }

  #take(field: string): void {
    const isQuoted = field.startsWith('"');
    this.#fields.push(isQuoted ? field.slice(1, -1).replaceAll('""', '"') : field);
    if (isQuoted) this.#line += field.split('\n').length - 1;
  }

  #endRow(): void {
    const fields = this.#fields;
    this.#fields = [];
    if (fields.length > 1 || fields[0] !== '') this.#onRow(fields, this.#line);
    this.#line++;
  }

  #fail(what: string): never {
    throw fileError(this.#path, {
      where: this.#where,
      expected: `${this.#path}:${this.#line}: ${what}`,
      remedy: 'A field with quotes stands in quotes itself, and has each of them twice.',
      see: 'malformed-csv',
    });
  }
}

function separatorOf(text: string, isLast: boolean): string | undefined {
  const end = text.search(/[\r\n]/);
  if (end < 0 && !isLast) return undefined;
  const first = text.slice(0, end);
  const count = (separator: string) => first.split(separator).length;
  return SEPARATORS.reduce((best, one) => (count(one) > count(best) ? one : best));
}
