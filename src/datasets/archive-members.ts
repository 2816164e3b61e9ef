import type { Complaint, FileError } from '../foundation/errors.js';
import { JoinedTexts } from './joined-texts.js';
import { fileError } from '../foundation/reject-file.js';
import type { TarHeader } from './tar-header.js';
import { TarMembers } from './tar-members.js';
import { decodeText, LONGEST_TEXT, notUtf8, tooLong } from './text-file.js';

/** Texts by key; a member that cannot be text is kept as its error, for whoever wants that one. */
export type ArchiveTexts = Map<string, string | FileError>;

/** What to do about an archive that is not as it was published. */
export const DAMAGED_REMEDY = 'Download it again.';

// A path that needs no second look: nothing empty in it, nothing that starts with a dot, no
// backslash or colon, no folder.
const PLAIN_PATH = /^(?:[^/\\:.][^/\\:]*\/)*[^/\\:.][^/\\:]*$/;

/** The members of one archive, fed chunk by chunk. */
export class MemberReader {
  readonly texts: ArchiveTexts = new Map();
  readonly #seen = new Set<string>();
  readonly #members: TarMembers;
  readonly #joined = new JoinedTexts();
  #last = '';
  #failure: FileError | undefined;

  constructor(
    private readonly where: string,
    private readonly path: string,
    private readonly select: (member: string) => string | undefined,
  ) {
    this.#members = new TarMembers((header) => this.#take(header));
  }

  write(chunk: Uint8Array): void {
    if (!this.#members.write(chunk)) this.#explainEnd();
    this.#joined.flush();
    if (this.#failure !== undefined) throw this.#failure;
  }

  end(): void {
    this.#joined.flush();
    this.#explainEnd();
    if (this.#failure !== undefined) throw this.#failure;
  }

  #explainEnd(): void {
    const end = this.#members.end();
    if (end === 'whole') return;
    const what = { cut: 'truncated', damaged: 'damaged', 'not a tar archive': undefined }[end];
    this.#fail({
      expected: `${this.path} is ${what === undefined ? end : `${what}${this.#afterLast()}`}`,
      see: 'damaged-file',
    });
  }

  /** Checks a member; what it returns keeps the content of one that is selected. */
  #take(header: TarHeader): ((content: Uint8Array) => void) | undefined {
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
  #checked(entry: TarHeader): string | undefined {
    this.#last = entry.path;
    const plain = PLAIN_PATH.test(entry.path);
    const segments = plain ? [] : entry.path.split(/[/\\]/);
    if (segments.includes('..') || segments[0] === '' || /^[a-z]:/i.test(entry.path)) {
      this.#fail({
        expected: `${this.#name(entry.path)} climbs out of the archive`,
        remedy: 'Nothing was read: use an archive from a source that you trust.',
        see: 'unsafe-archive',
      });
      return undefined;
    }
    if (entry.type === 'Directory') return undefined;
    if (entry.type !== 'File') {
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

  #refuseKind(entry: TarHeader): void {
    const target = entry.link ? ` to ${entry.link}` : '';
    this.#fail({
      expected: `${this.#name(entry.path)} must be a file or folder, but it is a ${entry.type}${target}`,
      remedy: 'Pack the archive again without it.',
      see: 'unsafe-archive',
    });
  }

  #failDuplicate(member: string): void {
    this.#fail({
      expected: `${this.#name(member)} is there more than once`,
      remedy: DAMAGED_REMEDY,
      see: 'unsafe-archive',
    });
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
