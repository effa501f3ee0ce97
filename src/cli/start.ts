import { Redactor } from '../core/redact.ts'
import { divertPluginOutput } from './plugin-output.ts'
import { createProcessRuntime } from './process-runtime.ts'
import { reportCrash, runCli } from './run-cli.ts'
import type { CreateServices } from './services.ts'

/**
 * Runs the command line of this process.
 * Sets the exit code and returns, so that pending output drains: exiting here would cut a pipe short.
 */
export async function startCli(createServices: CreateServices): Promise<void> {
  if (!hasWorkingFolder()) {
    process.stderr.write(
      'error: the current folder was removed or cannot be read. Change to another one.\n',
    )
    process.exitCode = 2
    return
  }
  const runtime = createProcessRuntime()
  const redactor = new Redactor()
  divertPluginOutput((text) => void runtime.stderr.write(redactor.redact(text)))
  const argv = process.argv.slice(2)
  const crash = (error: unknown) => {
    void reportCrash(error, argv, runtime, redactor).then(runtime.quit, () => runtime.quit(1))
  }
  process.on('uncaughtException', crash)
  process.on('unhandledRejection', crash)
  process.exitCode = await runCli(argv, runtime, createServices, redactor)
}

/** Relative paths mean nothing without one. */
function hasWorkingFolder(): boolean {
  try {
    return process.cwd() !== ''
  } catch {
    return false
  }
}
