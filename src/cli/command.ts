import type { Command, OptionValues } from '@commander-js/extra-typings'
import type { App } from '../app/app.ts'
import type { Output } from './output.ts'

/** What a command line gave, by the types of the command's own arguments. */
export interface Given<Args extends unknown[], Options> {
  readonly args: Args
  readonly options: Options
}

/** What a command works with. */
export interface Session {
  readonly app: App
  readonly output: Output
}

interface Definition<Args extends unknown[], Options extends OptionValues> {
  /** The words after the program's name: `data import`. */
  readonly name: string
  readonly summary: string
  /** Command lines after the program's name, the plainest first. */
  readonly examples: readonly [string, string]
  /** Declares arguments and options. */
  readonly arguments?: (command: Command) => Command<Args, Options>
  /**
   * Does the work and returns the exit code. It imports use case and report by itself: help costs no more than commander.
   * @throws PlatformError
   */
  readonly run: (given: Given<Args, Options>, session: Session) => Promise<number>
}

/** A command whatever its arguments are. */
export interface CommandDefinition
  extends Pick<Definition<[], OptionValues>, 'name' | 'summary' | 'examples'> {
  /** Adds it to its group. */
  addTo(group: Command, dispatch: Dispatch): void
}

/** Gets the work of the chosen command, runs it and keeps its exit code. */
export type Dispatch = (work: (session: Session) => Promise<number>) => Promise<void>

export function defineCommand<Args extends unknown[], Options extends OptionValues>({
  name,
  summary,
  examples,
  arguments: declare = (command) => command as unknown as Command<Args, Options>,
  run,
}: Definition<Args, Options>): CommandDefinition {
  return {
    name,
    summary,
    examples,
    addTo(group, dispatch) {
      const word = name.slice(name.lastIndexOf(' ') + 1)
      declare(group.command(word).description(summary)).action((...values: unknown[]) => {
        // Commander appends the options and the command itself to the arguments.
        const args = values.slice(0, -2) as Args
        const options = values.at(-2) as Options
        return dispatch((session) => run({ args, options }, session))
      })
    },
  }
}
