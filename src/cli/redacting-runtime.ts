import type { Redactor } from '../core/redact.ts'
import type { Runtime, TextSink } from './runtime.ts'

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
    stream: sink.stream,
    write: (text) => sink.write(redactor.redact(text)),
  }
}
