export interface Labels {
  code: string;
  run: string;
  stop: string;
  edit: string;
  reset: string;
  output: string;
  chart: string;
  loading: string;
  running: string;
  stopped: string;
  ended(seconds: string): string;
  line(number: number): string;
  unreachable: string;
}

const ENGLISH: Labels = {
  code: 'Code of the example. Control and Enter run it.',
  run: 'Run',
  stop: 'Stop',
  edit: 'Edit',
  reset: 'Reset',
  output: 'Output of the example',
  chart: 'Chart that the example draws',
  loading: 'Loading…',
  running: 'Running…',
  stopped: 'Stopped.',
  ended: (seconds) => `Ran in this page in ${seconds} s.`,
  line: (number) => `Line ${number}. `,
  unreachable: 'The library could not be loaded. Is there a network?',
};

const CHINESE: Labels = {
  code: '示例代码。按 Ctrl 加回车运行。',
  run: '运行',
  stop: '停止',
  edit: '编辑',
  reset: '还原',
  output: '示例的输出',
  chart: '示例画出的图',
  loading: '正在加载…',
  running: '正在运行…',
  stopped: '已停止。',
  ended: (seconds) => `已在本页运行，用时 ${seconds} 秒。`,
  line: (number) => `第 ${number} 行。`,
  unreachable: '无法加载这个库。请检查网络连接。',
};

export const labelsIn = (language: string): Labels =>
  language.startsWith('zh') ? CHINESE : ENGLISH;
