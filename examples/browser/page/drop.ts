/** Files that are dropped anywhere on the page. */

/** @param onDrop Is given the files; the page is marked while they hover over it. */
export function listenForDrops(onDrop: (files: FileList) => void): void {
  const zones = document.querySelectorAll('.drop');
  const mark = (isOver: boolean) => {
    for (const zone of zones) zone.classList.toggle('over', isOver);
  };
  addEventListener('dragover', (event) => {
    event.preventDefault();
    mark(true);
  });
  addEventListener('dragleave', () => mark(false));
  addEventListener('drop', (event) => {
    event.preventDefault();
    mark(false);
    const files = event.dataTransfer?.files;
    if (files?.length) onDrop(files);
  });
}
