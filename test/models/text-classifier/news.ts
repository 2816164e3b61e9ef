/** Invented news of four topics: short texts whose words overlap, so that no single one tells the topic. */
import { type Random, seededRandom } from '../../../src/foundation/random.js';

export const TOPICS = ['business', 'science', 'sport', 'weather'] as const;

/** Sentences by topic; `#` stands for a number, `@` for what all topics share. */
const SENTENCES: Record<(typeof TOPICS)[number], readonly string[]> = {
  business: [
    '@ shares fell # percent after the bank raised its rates',
    'the company will cut # jobs, its chief said @',
    'a record profit of # million surprised the market @',
    'investors expect rates to rise # times @',
  ],
  science: [
    'researchers found # new cells in the record of an old rock @',
    'a study of # patients shows how cells rise and fall @',
    '@ the telescope saw # stars that no market of theories had expected',
    'the company of planets has # members, a study said @',
  ],
  sport: [
    'the team won by # goals and rose to the top @',
    '@ the coach said that # players would miss the match',
    'a record of # goals in one match surprised the coach',
    'the striker will leave the company of champions after # matches @',
  ],
  weather: [
    'a storm will cross the coast, with winds of # kilometres @',
    '@ temperatures fell by # degrees and will rise again',
    'a record of # millimetres of rain surprised the coast',
    'forecasters expect # days of rain, the service said @',
  ],
};

const SHARED = ['on Monday', 'in the north', 'as expected', 'this week', 'for the first time', ''];

const pick = <T>(list: readonly T[], random: Random): T =>
  list[Math.floor(random() * list.length)]!;

/** As many texts of two sentences, the topics in turn. */
export function inventNews(count: number, seed: number): { texts: string[]; labels: string[] } {
  const random = seededRandom(seed);
  const labels = Array.from({ length: count }, (_, i) => TOPICS[i % TOPICS.length]!);
  const sentence = (topic: (typeof TOPICS)[number]) =>
    pick(SENTENCES[topic], random)
      .replace('#', String(2 + Math.floor(random() * 90)))
      .replace('@', pick(SHARED, random));
  return { texts: labels.map((topic) => `${sentence(topic)}. ${sentence(topic)}.`), labels };
}
