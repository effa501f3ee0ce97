import { describe, expect, test } from 'bun:test'
import { Output } from '../../../src/cli/output.ts'
import { createProgressView } from '../../../src/cli/progress-view.ts'
import { redactingRuntime } from '../../../src/cli/redacting-runtime.ts'
import { Redactor } from '../../../src/core/redact.ts'
import { fakeProcess } from './harness.ts'

const SECRET = 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0M'

function redacted() {
  const redactor = new Redactor()
  redactor.add([SECRET])
  const process = fakeProcess({ stderrColumns: 100 })
  return { process, runtime: redactingRuntime(process.runtime, redactor) }
}

describe('no secret gets out of a redacting runtime', () => {
  test.each(['stdout', 'stderr'] as const)('by %s or the stream behind it', async (name) => {
    const { process, runtime } = redacted()
    await runtime[name].write(`a ${SECRET}\n`)
    runtime[name].stream.write(`b ${SECRET}\n`)
    expect(process.out() + process.err()).toBe('a ***\nb ***\n')
  })

  test('by its files', () => {
    const { process, runtime } = redacted()
    runtime.writeFile('crash', SECRET)
    runtime.appendFile('log', SECRET)
    expect([...process.files.values()]).toEqual(['***', '***'])
  })

  test('by the panel that redraws in place', () => {
    const { process, runtime } = redacted()
    const options = { configDir: 'config', json: false, quiet: false, verbose: false, color: true }
    const output = new Output(options, runtime)
    expect(output.canRedraw).toBe(true)
    const panel = () => [`sweep ${SECRET} \u001b[8m`]
    const view = createProgressView(output, { panel, line: () => '' })
    view.update({ done: 0, total: 1 })
    view.end()
    expect(process.err()).toContain('sweep *** ␛[8m')
    expect(process.err()).not.toContain(SECRET)
  })
})
