import { Parser, type ReadEntry } from 'tar';
import type { Complaint, FileError } from '../foundation/errors.js';
import { JoinedTexts } from './joined-texts.js';
import { PlainMembers } from './plain-members.js';
import { fileError } from './reject-file.js';
import { decodeText, LONGEST_TEXT, notUtf8, tooLong } from './text-file.js';

/** Texts by key; a member that cannot be text is kept as its error, for whoever wants that one. */
export type ArchiveTexts = Map<string, string | FileError>;

/** What is told of a member before its content. */
type MemberHeader = Pick<ReadEntry, 'path' | 'size' | 'type' | 'linkpath'>;

/** What to do about an archive that is not as it was published. */
export const DAMAGED_REMEDY = 'Download it again.';

// A path that needs no second look: nothing empty in it, nothing that starts with a dot, no
// backslash or colon, no folder.
const PLAIN_PATH = /^(?:[^/\\:.][^/\\:]*\/)*[^/\\:.][^/\\:]*$/;

/**
 * The members of one archive, fed chunk by chunk. Plain ones, which is nearly all, are read without
 * the parser, which takes longer over a member than gunzip does; the format's extensions, and all
 * that comes after one, are the parser's.
 */
export class MemberReader {
  readonly texts: ArchiveTexts = new Map();
  readonly #seen = new Set<string>();
  readonly #parser: Parser;
  readonly #plain: PlainMembers;
  readonly #joined = new JoinedTexts();
  #complete = false;
  #last = '';
  #failure: FileError | undefined;

  constructor(
    private readonly where: string,
    private readonly path: string,
    private readonly select: (member: string) => string | undefined,
  ) {
    this.#parser = new Parser({ onReadEntry: (entry) => this.#takeEntry(entry) });
    this.#plain = new PlainMembers(
      ({ path, size }) =>
        this.#take({ path, size, type: path.endsWith('/') ? 'Directory' : 'File' }),
      (part) => this.#parser.write(part),
    );
    this.#parser.on('ignoredEntry', (entry: ReadEntry) => this.#refuseKind(entry));
    this.#parser.on('eof', () => {
      this.#complete = true;
    });
    this.#parser.on('warn', (code: string, message: string) => this.#warned(code, message));
    this.#parser.on('error', (error: Error) => this.#warned('', error.message));
  }

  write(chunk: Buffer): void {
    this.#plain.write(chunk);
    this.#joined.flush();
    if (this.#failure !== undefined) throw this.#failure;
  }

  end(): void {
    this.#parser.end();
    this.#joined.flush();
    // The two empty blocks that close an archive are all that tells a whole one from one that was
    // cut between two members.
    if (!this.#complete) this.#fail({ expected: `${this.path} is truncated${this.#afterLast()}` });
    if (this.#failure !== undefined) throw this.#failure;
  }

  #takeEntry(entry: ReadEntry): void {
    const keep = this.#take(entry);
    if (keep === undefined) {
      entry.resume();
      return;
    }
    const parts: Buffer[] = [];
    entry.on('data', (part: Buffer) => parts.push(part));
    entry.on('end', () => keep(parts.length === 1 ? parts[0]! : Buffer.concat(parts)));
  }

  /** Checks a member; what it returns keeps the content of one that is selected. */
  #take(header: MemberHeader): ((content: Buffer) => void) | undefined {
    const member = this.#checked(header);
    const key = member === undefined ? undefined : this.select(member);
    if (key === undefined || member === undefined) return undefined;
    if (!(header.size >= 0 && header.size <= LONGEST_TEXT)) {
      this.#fail(tooLong(this.where, this.#name(member), header.size));
      return undefined;
    }
    if (this.texts.has(key)) this.#failDuplicate(member);
    this.texts.set(key, ''); // A text may wait for its neighbours, the next member shall know of it.
    return (content) => {
      if (this.#joined.add(content, (text) => this.texts.set(key, text))) return;
      const text = decodeText(content);
      this.texts.set(key, text ?? fileError(this.path, notUtf8(this.where, this.#name(member))));
    };
  }

  /** The path of a file, without what does not count; undefined for a folder or after a failure. */
  #checked(entry: MemberHeader): string | undefined {
    this.#last = entry.path;
    const plain = PLAIN_PATH.test(entry.path);
    const segments = plain ? [] : entry.path.split(/[/\\]/);
    if (segments.includes('..') || segments[0] === '' || /^[a-z]:/i.test(entry.path)) {
      this.#fail({
        expected: `${this.#name(entry.path)} climbs out of the archive`,
        remedy: 'Nothing was read: use an archive from a source that you trust.',
      });
      return undefined;
    }
    if (entry.type === 'Directory') return undefined;
    if (!['File', 'OldFile', 'ContiguousFile'].includes(entry.type)) {
      this.#refuseKind(entry);
      return undefined;
    }
    const member = plain
      ? entry.path
      : segments.filter((segment) => segment !== '' && segment !== '.').join('/');
    if (this.#seen.has(member)) this.#failDuplicate(member);
    this.#seen.add(member);
    return member;
  }

  #refuseKind(entry: MemberHeader): void {
    const target = entry.linkpath ? ` to ${entry.linkpath}` : '';
    this.#fail({
      expected: `${this.#name(entry.path)} must be a file or folder, but it is a ${entry.type}${target}`,
      remedy: 'Pack the archive again without it.',
    });
  }

  #failDuplicate(member: string): void {
    this.#fail({
      expected: `${this.#name(member)} is there more than once`,
      remedy: DAMAGED_REMEDY,
    });
  }

  #warned(code: string, message: string): void {
    const expected = message.startsWith('Truncated')
      ? `${this.path} is truncated${this.#afterLast()}`
      : message.startsWith('Unrecognized')
        ? `${this.path} is not a tar archive`
        : `${this.path} is damaged${this.#afterLast()} (${[code, message].filter(Boolean).join(': ')})`;
    this.#fail({ expected });
  }

  #fail(complaint: Omit<Complaint, 'where'>): void {
    this.#failure ??= fileError(this.path, {
      remedy: DAMAGED_REMEDY,
      ...complaint,
      where: this.where,
    });
  }

  #afterLast(): string {
    return this.#last === '' ? '' : ` in or after ${this.#last}`;
  }

  #name(member: string): string {
    return `${member} in ${this.path}`;
  }
}
