import type { Redactor } from '../core/redact.ts'
import type { Runtime, TextSink } from './runtime.ts'

const SECRET_VARIABLE = /(?:KEY|SECRET|PASSWORD|PASSPHRASE|TOKEN)$/i

/**
 * Returns what the names of environment variables say is secret: known before the configuration tells, and in what it does
 * not read.
 */
export function secretsOf(env: Runtime['env']): readonly string[] {
  return Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && SECRET_VARIABLE.test(name) ? [value] : [],
  )
}

/** The other variables. */
export function withoutSecrets(env: Runtime['env']): Runtime['env'] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !SECRET_VARIABLE.test(name)))
}

/** Returns a runtime from which no secret gets out: its output, log and crash files pass through the redactor. */
export function redactingRuntime(runtime: Runtime, redactor: Redactor): Runtime {
  return {
    ...runtime,
    stdout: redactingSink(runtime.stdout, redactor),
    stderr: redactingSink(runtime.stderr, redactor),
    writeFile: (path, text) => runtime.writeFile(path, redactor.redact(text)),
    appendFile: (path, text) => runtime.appendFile(path, redactor.redact(text)),
  }
}

function redactingSink(sink: TextSink, redactor: Redactor): TextSink {
  return {
    get isTTY() {
      return sink.isTTY
    },
    get columns() {
      return sink.columns
    },
    stream: redactingStream(sink.stream, redactor),
    write: (text) => sink.write(redactor.redact(text)),
  }
}

/** For what redraws in place and therefore writes by itself. */
function redactingStream(stream: NodeJS.WritableStream, redactor: Redactor): NodeJS.WritableStream {
  const write = (chunk: unknown, ...rest: []) =>
    stream.write(typeof chunk === 'string' ? redactor.redact(chunk) : (chunk as string), ...rest)
  return new Proxy(stream, {
    get(target, key) {
      if (key === 'write') return write
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
