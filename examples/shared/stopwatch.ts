/** Wall time by stage, in seconds. */
export class Stopwatch {
  readonly seconds: Record<string, number> = {};
  private readonly start = performance.now();

  /** Does one stage of the work and notes how long it took. */
  async time<T>(stage: string, work: () => T | Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await work();
    this.seconds[stage] = secondsSince(start);
    return result;
  }

  /** Notes the time since the stopwatch was made, as `total`. */
  stop(): Record<string, number> {
    this.seconds.total = secondsSince(this.start);
    return this.seconds;
  }
}

const secondsSince = (start: number): number => Math.round(performance.now() - start) / 1000;
