import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { FileError, readCsv } from '../../src/index.js';

/** A stream that gives the bytes of a text in parts. */
function streamOf(text: string, part: number): ReadableStream<Uint8Array> {
  const bytes = Buffer.from(text);
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(new Uint8Array(bytes.subarray(at, at + part)));
      at += part;
    },
  });
}

const TEXT =
  '\ufeffreview,sentiment\r\n"Très ""bon"", and\nwarm",positive\r\n\r\n,negative\r\nDull.,"a,b"\r\n"",""';
const TABLE = {
  names: ['review', 'sentiment'],
  rows: [
    ['Très "bon", and\nwarm', 'positive'],
    ['', 'negative'],
    ['Dull.', 'a,b'],
    ['', ''],
  ],
};

describe('readCsv', () => {
  test.each([1, 2, 3, 5, 8, 1000])(
    'reads quotes, lines and separators in parts of %i bytes',
    async (part) => {
      expect(await readCsv(streamOf(TEXT, part))).toEqual(TABLE);
      expect(await readCsv(streamOf(TEXT.replaceAll('\r\n', '\n'), part))).toEqual(TABLE);
      expect(await readCsv(streamOf(TEXT.replaceAll('\r\n', '\r'), part))).toEqual(TABLE);
    },
  );

  test('reads gzipped files, and separators of other programs', async () => {
    expect(await readCsv(new Blob([gzipSync(TEXT)]))).toEqual(TABLE);
    const german = 'Tag;Wert\n1. Mai;0,5\n';
    expect((await readCsv(new Blob([german]))).rows).toEqual([['1. Mai', '0,5']]);
    expect((await readCsv(new Blob(['a\tb\n1\t2']))).rows).toEqual([['1', '2']]);
    expect(await readCsv(new Blob(['only\none\n']))).toEqual({ names: ['only'], rows: [['one']] });
  });

  test('tells how far it is', async () => {
    const reports: unknown[] = [];
    await readCsv(new Blob([TEXT]), { onProgress: (report) => void reports.push(report) });
    expect(reports).toEqual([{ rows: 4, fraction: 1 }]);
  });

  test.each([
    [
      'a,b\n1,2\n"x\ny",2,3\n',
      /table\.csv:4: a line must have 2 fields, as the first has, received 3/,
    ],
    [
      'a,b\n"1"x,2\n',
      /table\.csv:2: a field goes on behind its closing double quote\. A field with/,
    ],
    ['a,b\n1,"2\n3,4\n', /table\.csv:2: a double quote opens a field and none closes it/],
    ['\n\n', /table\.csv must hold lines of text\. The first line names the columns/],
  ])('names the line of a fault: %j', async (text, message) => {
    const file = new File([text], 'table.csv');
    const failure = await readCsv(file).catch((error: FileError) => error);
    expect(failure).toBeInstanceOf(FileError);
    expect((failure as FileError).message).toMatch(message);
  });

  test('refuses what is not UTF-8', async () => {
    const file = new File([Uint8Array.from(Buffer.from('a,b\ncaf\xe9,1', 'latin1'))], 'old.csv');
    await expect(readCsv(file)).rejects.toThrow(/^readCsv: old\.csv is not valid UTF-8/);
  });
});
