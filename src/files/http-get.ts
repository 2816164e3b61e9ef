import { get as getHttp, type IncomingMessage } from 'node:http';
import { get as getHttps } from 'node:https';

/** What {@link httpGet} sends besides the address. */
export interface HttpGetOptions {
  headers: Record<string, string>;
  signal?: AbortSignal;
}

const LONGEST_SILENCE = 60_000; // milliseconds
const MOST_REDIRECTS = 5;

/**
 * Asks for `url`, follows redirects, and resolves with the response, whose body is still to come.
 *
 * Not fetch, which decompresses what a server marks as `Content-Encoding: x-gzip`, as some do with
 * every file named `.gz`: then neither the length nor the checksum would be that of the file.
 */
export async function httpGet(url: string, options: HttpGetOptions): Promise<IncomingMessage> {
  let address = url;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const response = await getOnce(address, options);
    const { statusCode = 0, headers } = response;
    if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined) {
      return response;
    }
    response.destroy();
    address = new URL(headers.location, address).href;
  }
  throw new Error(`more than ${MOST_REDIRECTS} redirects`);
}

function getOnce(address: string, { headers, signal }: HttpGetOptions): Promise<IncomingMessage> {
  const get = address.startsWith('https:') ? getHttps : getHttp;
  return new Promise((resolve, reject) => {
    const options = { headers, agent: false as const, ...(signal === undefined ? {} : { signal }) };
    const request = get(address, options, resolve);
    request.setTimeout(LONGEST_SILENCE, () => {
      request.destroy(new Error(`nothing arrived for ${LONGEST_SILENCE / 1000} s`));
    });
    request.on('error', reject);
  });
}
