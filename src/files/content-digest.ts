import { createHash } from 'node:crypto';

/** The SHA-256 of bytes, as 64 hexadecimal digits. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Writes a text that holds a digest of itself: of all of its bytes but those of the digest.
 *
 * @param write Makes the text, given the digest.
 * @param shorten What of the SHA-256 is written.
 */
export function withOwnDigest(
  write: (digest: string) => string,
  shorten: (digest: string) => string = (digest) => digest,
): { text: string; digest: string } {
  const digest = shorten(sha256(Buffer.from(write(''))));
  return { text: write(digest), digest };
}

/** The SHA-256 that {@link withOwnDigest} found for a file in which `digest` stands. */
export function digestOfRest(file: Uint8Array, digest: string): string {
  // In latin1 every byte is a character, those that are damaged included.
  const rest = Buffer.from(file).toString('latin1').replaceAll(digest, '');
  return sha256(Buffer.from(rest, 'latin1'));
}
