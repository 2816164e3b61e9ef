// Answers from the network while there is one, and from what was kept when there is none.
const KEPT = 'playground';

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('message', ({ data, source }) => {
  const ours = data.keep.filter((url) => url.startsWith(self.location.origin));
  caches
    .open(KEPT)
    .then((cache) => cache.addAll([...new Set(ours)]))
    .then(() => source.postMessage('kept'));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || !request.url.startsWith(self.location.origin)) return;
  event.respondWith(
    fetch(request).then(
      (answer) => {
        if (answer.ok) {
          const copy = answer.clone();
          caches.open(KEPT).then((cache) => cache.put(request, copy));
        }
        return answer;
      },
      // Whoever asks, the answer is the same: Vary does not count.
      () => caches.match(request, { ignoreVary: true }).then((kept) => kept ?? Response.error()),
    ),
  );
});
