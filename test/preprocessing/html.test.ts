import { describe, expect, test } from 'vitest';
import { stripHtmlTags } from '../../src/preprocessing/html.js';

describe('stripHtmlTags', () => {
  test.each([
    ['a tag becomes one space, so that words do not merge', 'one<br />two', 'one two'],
    ['so do two tags: two spaces', 'one<br /><br />two', 'one  two'],
    ['attributes go, even with > in quotes', '<a href="x" title=\'a > b\'>link</a>', ' link '],
    ['comments go, tags and all', 'a<!-- <b> -- > -->b<!-->c', 'a b c'],
    ['declarations go', '<!DOCTYPE html><?xml version="1.0"?>text', '  text'],
    ['scripts go with their contents', 'a<script>if (x < y) alert("</p>")</script>b', 'a b'],
    ['styles go with theirs', 'a<STYLE type=x>p > a { }</style\n>b', 'a b'],
    ['only these two do', '<scripture>stays</scripture>', ' stays '],
    [
      'entities are decoded',
      'Tom &amp; Jerry&#39;s caf&eacute; &#x1F355;',
      "Tom & Jerry's café 🍕",
    ],
    ['and only once', '&amp;lt;b&amp;gt;', '&lt;b&gt;'],
    ['after the tags are gone', '&lt;b&gt; is not a tag', '<b> is not a tag'],
    ['an ampersand may stand alone', 'AT&T, R&B', 'AT&T, R&B'],
    ['comparisons and hearts stay', 'a < b, 1<2, <3 and </3', 'a < b, 1<2, <3 and </3'],
    ['what is never closed stays', 'a <b and <!-- so on', 'a <b and <!-- so on'],
    ['an unclosed script loses its tag only', '<script>the end', ' the end'],
    ['an unclosed quote does not swallow the text', '<b title="x>bold</b>', ' bold '],
    ['an empty text stays empty', '', ''],
  ])('%s', (_, html, text) => {
    expect(stripHtmlTags(html)).toBe(text);
  });

  test('a text without markup comes back as it is', () => {
    const text = 'Plain "text" – with ünïcödé, tabs\tand\nnewlines';
    expect(stripHtmlTags(text)).toBe(text);
  });

  test('hostile texts take no longer than their length, or this test would never end', () => {
    const parts = [
      '<',
      '<a',
      '<!--',
      '<a ="',
      `<a ='>`,
      '</script ',
      '<script>',
      '<style><script>',
    ];
    for (const part of parts) {
      const text = part.repeat(100_000);
      for (const hostile of [text, `${text}>`, `<script>${text}`, `<a ="${text}>"`]) {
        expect(typeof stripHtmlTags(hostile)).toBe('string');
      }
    }
  });

  test('a list of texts is not a text', () => {
    expect(() => stripHtmlTags(['<b>'] as unknown as string)).toThrow(
      'stripHtmlTags: text must be a string, received ["<b>"]. For a list of texts write texts.map(stripHtmlTags).',
    );
  });
});
