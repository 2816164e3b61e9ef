import ts from 'typescript';

/** An example made to report what each of its statements prints. */
export interface Instrumented {
  javascript: string;
  /** What the comments below each printing statement promise. */
  expected: Record<number, string>;
  /** Statements that print and have no comment below them. */
  unexplained: string[];
}

/**
 * Marks every `console.log(…)`, `.print()` and `.summary()` with the statement
 * whose following `// ` lines show the output: the innermost one that has such
 * lines, so that a log inside a loop or a callback can be shown below it.
 */
export function instrument(code: string, reporter: string): Instrumented {
  const file = ts.createSourceFile('example.ts', code, ts.ScriptTarget.Latest, true);
  const expected: Record<number, string> = {};
  const unexplained: string[] = [];
  const edits: { from: number; to: number; text: string }[] = [];

  const visit = (node: ts.Node) => {
    if (ts.isCallExpression(node) && printed(node) !== undefined) {
      const shown = findOutput(node, code);
      if (shown === undefined) unexplained.push(node.getText());
      else {
        expected[shown.site] = shown.output;
        if (printed(node) === 'log') {
          const { expression } = node;
          edits.push({
            from: expression.getStart(),
            to: expression.end,
            text: `__log(${shown.site})`,
          });
        } else {
          edits.push({
            from: node.getStart(),
            to: node.getStart(),
            text: `__at(${shown.site}, () => `,
          });
          edits.push({ from: node.end, to: node.end, text: ')' });
        }
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);

  let marked = code;
  // From the end, so that the positions before stay true.
  edits.sort((a, b) => b.from - a.from);
  for (const { from, to, text } of edits) marked = marked.slice(0, from) + text + marked.slice(to);
  const { outputText } = ts.transpileModule(
    `import { __at, __log } from ${JSON.stringify(reporter)};\n${marked}`,
    { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext } },
  );
  return { javascript: outputText, expected, unexplained };
}

function printed(call: ts.CallExpression): 'log' | 'whole call' | undefined {
  const callee = call.expression;
  if (!ts.isPropertyAccessExpression(callee)) return undefined;
  if (callee.getText() === 'console.log') return 'log';
  const prints = ['print', 'summary'].includes(callee.name.text) && call.arguments.length === 0;
  return prints ? 'whole call' : undefined;
}

function findOutput(node: ts.Node, code: string): { site: number; output: string } | undefined {
  for (let at = node; at !== undefined; at = at.parent) {
    if (!ts.isStatement(at) || ts.isBlock(at)) continue;
    const output = commentsAfter(code, at.end);
    if (output !== undefined) return { site: at.end, output };
  }
  return undefined;
}

/** The `// ` lines that begin on the line of `position` or on the next, as one text. */
function commentsAfter(code: string, position: number): string | undefined {
  const [rest, ...below] = code.slice(position).split('\n');
  const comment = (line: string | undefined) => line?.match(/^\s*\/\/ ?(.*)$/)?.[1];
  if (rest!.trim() !== '' && comment(rest) === undefined) return undefined;
  const lines = comment(rest) === undefined ? [] : [comment(rest)!];
  for (const line of below) {
    const text = comment(line);
    if (text === undefined) break;
    lines.push(text);
  }
  return lines.length === 0 ? undefined : tidy(lines.join('\n'));
}

/** Blanks at line ends cannot be seen in a comment, so they do not count. */
export function tidy(text: string): string {
  return text.replace(/[ \t]+$/gm, '').trimEnd();
}
