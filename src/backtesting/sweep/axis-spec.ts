/** `to` is included when a whole number of steps reaches it. */
export interface StepRange {
  readonly from: number
  readonly to: number
  readonly step: number
}

/** `count` values from `from` to `to`, both included. */
export interface CountRange {
  readonly from: number
  readonly to: number
  readonly count: number
  readonly scale?: 'linear' | 'log'
}

/** The values of one parameter as configured: one value, a list, or a range. */
export type AxisSpec = number | readonly number[] | StepRange | CountRange

export interface AxisInput {
  readonly name: string
  /** The parameter's schema is an integer: ranges by count are rounded, duplicates dropped. */
  readonly integer: boolean
  readonly values: AxisSpec
}
