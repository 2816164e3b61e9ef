/** Once loaded, the page opens without a network: public/offline.js keeps what it has loaded. */

/** Has the browser keep it; where it cannot, such as on a page without https, nothing happens. */
export async function keepOffline(): Promise<void> {
  if (!('serviceWorker' in navigator) || import.meta.hot) return;
  await navigator.serviceWorker.register('./offline.js').catch(() => undefined);
  navigator.serviceWorker.addEventListener('message', () => {
    document.querySelector<HTMLElement>('#kept')!.hidden = false;
  });
  const { active } = await navigator.serviceWorker.ready;
  // What came before the worker was there, it has not seen.
  const loaded = performance.getEntriesByType('resource').map(({ name }) => name);
  active?.postMessage({ keep: [location.href.split('#')[0], ...loaded] });
}
