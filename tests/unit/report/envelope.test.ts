import { describe, expect, test } from 'bun:test'
import { Value } from 'typebox/value'
import { ErrorDocument, errorText } from '../../../src/report/envelope.ts'
import { INVALID_REPORT } from './fixtures.ts'

describe('errors', () => {
  test('validate against their schema and leave out what is not known', () => {
    const plain = JSON.parse(errorText({ code: 'X', message: 'm', exitCode: 1 }))
    expect(Value.Errors(ErrorDocument, plain)).toEqual([])
    expect(plain).toEqual({
      schema: 'crypto/error@1',
      ok: false,
      error: { code: 'X', message: 'm', exit_code: 1 },
    })
  })

  test('carry place, hint and problems', () => {
    const view = {
      code: 'CONFIG_INVALID',
      message: 'm',
      exitCode: 2,
      file: 'a.yaml',
      line: 3,
      col: 11,
    }
    const { problems } = INVALID_REPORT
    const document = JSON.parse(errorText({ ...view, hint: 'binance', problems }))
    expect(Value.Errors(ErrorDocument, document)).toEqual([])
    expect(document.error).toMatchObject({ file: 'a.yaml', line: 3, col: 11, hint: 'binance' })
    expect(document.error.problems[1].severity).toBe('warning')
  })
})
