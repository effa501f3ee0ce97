import { writeSync } from 'node:fs'
import type { CreateApp } from '../app/app.ts'
import { changedBuiltin, culpritsOf, forbidExit, loadedPluginFiles } from '../app/plugins/guard.ts'
import { allowPluginWatch } from '../app/plugins/watch.ts'
import { PlatformError } from '../core/errors.ts'
import { lineIn } from '../core/line-in.ts'
import { Redactor } from '../core/redact.ts'
import { divertPluginOutput } from './plugin-output.ts'
import { createProcessRuntime } from './process-runtime.ts'
import { reportCrash, runCli } from './run-cli.ts'
import type { Runtime } from './runtime.ts'

/**
 * Runs the command line of this process and ends it with its exit code once all output has left: what a plugin left
 * behind, a timer or a server, keeps nothing alive.
 */
export async function startCli(createApp: CreateApp): Promise<void> {
  if (!hasWorkingFolder()) {
    process.stderr.write(
      'error: the current folder was removed or cannot be read. Change to another one.\n',
    )
    process.exitCode = 2
    return
  }
  const runtime = createProcessRuntime()
  const redactor = new Redactor()
  const say = (text: string) => void runtime.stderr.write(redactor.redact(text))
  divertPluginOutput(say)
  forbidExit()
  allowPluginWatch()
  const argv = process.argv.slice(2)
  const crash = (error: unknown) => {
    const culprits = culpritsOf(error)
    if (culprits.length > 0) return say(lateFailure(culprits, error))
    void reportCrash(error, argv, runtime, redactor).then(runtime.quit, () => runtime.quit(1))
  }
  process.on('uncaughtException', crash)
  process.on('unhandledRejection', crash)
  process.on('exit', () => {
    // Only something that goes around us ends the process here, before there is a result.
    const files = loadedPluginFiles().join(', ') || 'none'
    writeSync(2, `error: the command was ended before its result. Loaded plugins: ${files}.\n`)
    runtime.quit(1)
  })
  const code = await runCli(argv, withIntactOutput(runtime), createApp, redactor)
  await runtime.flush()
  runtime.quit(code)
}

/** The rest works: what a plugin started on its own and nobody waits for is no reason to stop. */
function lateFailure(culprits: readonly string[], error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error)
  const which = culprits.length === 1 ? 'the plugin' : 'one of the plugins'
  const line = culprits.length === 1 ? lineIn(error, culprits[0] as string) : ''
  return `warning: ${which} ${culprits.join(', ')} failed while nothing waited for it: ${reason}${line}\n`
}

/** A result that was made with changed built-in objects is none, and what failed with them failed because of them. */
function withIntactOutput(runtime: Runtime): Runtime {
  const { stdout } = runtime
  const write = async (text: string) => {
    const error = tampering()
    if (error === undefined) return stdout.write(text)
    throw error
  }
  const guarded = Object.create(stdout, { write: { value: write } })
  return { ...runtime, stdout: guarded, tampering }
}

function tampering(): PlatformError | undefined {
  const changed = changedBuiltin()
  if (changed === undefined) return undefined
  const message = `A plugin changed ${changed} while the command ran, so its result is not to be trusted. Loaded: ${loadedPluginFiles().join(', ')}.`
  return new PlatformError('PLUGIN_TAMPERED', message)
}

/** Relative paths mean nothing without one. */
function hasWorkingFolder(): boolean {
  try {
    return process.cwd() !== ''
  } catch {
    return false
  }
}
