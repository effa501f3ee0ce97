/** A refusal as the venue words it. Codes and texts: https://developers.binance.com/docs/binance-spot-api-docs/errors */
export class ApiError extends Error {
  readonly status: number
  readonly code: number
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    code: number,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message)
    this.status = status
    this.code = code
    this.headers = headers
  }
}

export const invalidSymbol = () => new ApiError(400, -1121, 'Invalid symbol.')

/** @param note what Binance does not say: why the simulator has not got it */
export const invalidInterval = (note = '') => new ApiError(400, -1120, `Invalid interval.${note}`)

export const illegalCharacters = (name: string, range: string) =>
  new ApiError(
    400,
    -1100,
    `Illegal characters found in parameter '${name}'; legal range is '${range}'.`,
  )

export const missingParameter = (name: string) =>
  new ApiError(
    400,
    -1102,
    `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`,
  )

export const emptyParameter = (name: string) =>
  new ApiError(400, -1105, `Parameter '${name}' was empty.`)

export const repeatedParameter = () =>
  new ApiError(400, -1101, 'Duplicate values for a parameter detected.')

export const unreadParameters = (read: number, sent: number) =>
  new ApiError(
    400,
    -1104,
    `Not all sent parameters were read; read '${read}' parameter(s) but was sent '${sent}'.`,
  )

export const invalidParameter = (name: string) =>
  new ApiError(400, -1130, `Data sent for parameter '${name}' is not valid.`)

export const badCombination = () =>
  new ApiError(400, -1128, 'Combination of optional parameters invalid.')

export const unknownPath = (method: string, path: string) =>
  new ApiError(404, -5000, `Path ${path}, Method ${method} is invalid`)
