import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { documentOf, type Finished, type RunResult, type SweepDocument } from './crypto.ts'
import { projectWith, RUN, runIn, SWEEP, unfolded } from './hostile.ts'
import { HOSTILE } from './hostile-cases.ts'

const rowsOf = (finished: Finished) => documentOf<RunResult>(finished).result.rows
const digestOf = (finished: Finished) => documentOf<SweepDocument>(finished).result.digest

/** With exit code 0 there is the result that there is without the plugin; otherwise exit code 1 and its path. */
async function expectResult(
  plain: Readonly<Record<'run' | 'sweep', Promise<Finished>>>,
  finished: Finished,
  words: readonly string[],
): Promise<void> {
  if (finished.code === 0 && words === RUN)
    expect(rowsOf(finished)).toEqual(rowsOf(await plain.run))
  else if (finished.code === 0) expect(digestOf(finished)).toBe(digestOf(await plain.sweep))
  else {
    expect(finished.code).toBe(1)
    expect(unfolded(finished.out + finished.err)).toContain('hostile.ts')
  }
}

/** Runs and sweeps beside hostile plugins. @param every one case in so many is tried: each takes a second or two */
export function testHostileResults(every: number): void {
  setDefaultTimeout(60_000)
  const chosen = HOSTILE.filter((_, i) => i % every === 0)

  describe('beside a plugin that', () => {
    const alone = projectWith()
    const plain = { run: runIn(alone, RUN), sweep: runIn(alone, SWEEP) }
    const projects = chosen.map(([, text]) => projectWith(text))
    afterAll(() => {
      for (const project of [alone, ...projects]) project.remove()
    })
    const commandOf = (i: number) => (i % 2 === 0 ? RUN : SWEEP)
    const runs = projects.map((project, i) => runIn(project, commandOf(i)))

    test.each(chosen.map(([name], i) => [name, i] as const))(
      '%s a run or a sweep has its normal result',
      async (_, i) => expectResult(plain, await (runs[i] as Promise<Finished>), commandOf(i)),
    )
  })
}
