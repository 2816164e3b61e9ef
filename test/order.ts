import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * What takes longest of all, and so begins first: else one process works at the end and the others wait. Early,
 * too, is the first that needs the pages of test/browser/pages.ts, while nobody else waits for them.
 */
const LONGEST = [
  ...['browser/site-pages', 'package/works-with', 'browser/golden.test'],
  ...['docs/examples', 'browser/playground'],
];

/** Projects in the order in which they run. */
const PROJECTS = ['dist', 'unit alone', 'other binary alone', 'wide binary alone'];

/**
 * Files of one project run one behind the other: a process that several files share is kept only while the
 * next file is of its project. Small files, which are plenty in the last project, even out the ends.
 */
export class Order extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const projects = [...PROJECTS, ...new Set(sorted.map(({ project }) => project.name).sort())];
    const place = ({ project, moduleId }: TestSpecification) => {
      const longest = LONGEST.findIndex((name) => moduleId.includes(`/test/${name}`));
      return projects.indexOf(project.name) * 100 + (longest < 0 ? LONGEST.length : longest);
    };
    return sorted.sort((a, b) => place(a) - place(b));
  }
}
