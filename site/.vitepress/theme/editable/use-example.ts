import { useData } from 'vitepress';
import { computed, nextTick, onBeforeUnmount, ref } from 'vue';
import { labelsIn } from './labels.js';
import { type FromWorker, runExample } from './run.js';

type Shown = Extract<FromWorker, { kind: 'text' | 'chart' }>;

/** What an example on a page is made of: its text as it is edited, what it printed, and its buttons. */
export function useExample(original: string) {
  const { lang } = useData();
  const labels = computed(() => labelsIn(lang.value));

  const text = ref(original);
  const editing = ref(false);
  const area = ref<HTMLTextAreaElement>();
  const rows = computed(() => text.value.split('\n').length);

  const printed = ref<Shown[]>([]);
  const error = ref('');
  const status = ref('');
  const stop = ref<() => void>();

  function hear(message: FromWorker) {
    if (message.kind === 'loaded') status.value = labels.value.running;
    else if (message.kind === 'text' || message.kind === 'chart') printed.value.push(message);
    else {
      stop.value = undefined;
      status.value = '';
      if (message.kind === 'end') {
        status.value = labels.value.ended((message.milliseconds / 1000).toFixed(2));
      } else {
        const line = message.line === undefined ? '' : labels.value.line(message.line);
        error.value = line + (message.message || labels.value.unreachable);
      }
    }
  }

  function run() {
    stop.value?.();
    [printed.value, error.value, status.value] = [[], '', labels.value.loading];
    stop.value = runExample(text.value, hear);
  }

  function halt() {
    stop.value?.();
    stop.value = undefined;
    status.value = labels.value.stopped;
  }

  async function edit() {
    editing.value = true;
    await nextTick();
    area.value?.focus();
  }

  function reset() {
    if (stop.value) halt();
    [text.value, editing.value] = [original, false];
    [printed.value, error.value, status.value] = [[], '', ''];
  }

  const pictureOf = (svg: string) => `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;

  onBeforeUnmount(() => stop.value?.());

  return {
    labels,
    text,
    editing,
    area,
    rows,
    printed,
    error,
    status,
    stop,
    run,
    halt,
    edit,
    reset,
    pictureOf,
  };
}
