import { describe, expect, test } from 'bun:test'
import { SharedCall } from '../../../../src/exchanges/ccxt/shared-call.ts'

function pending() {
  const { promise, resolve } = Promise.withResolvers<number>()
  let signal = new AbortController().signal
  const call = new SharedCall<number>((own) => {
    signal = own
    own.addEventListener('abort', () => resolve(Promise.reject(own.reason)))
    return promise
  })
  return { call, resolve, signal: () => signal }
}

const caught = (error: unknown) => error

describe('SharedCall', () => {
  test('gives everybody the same answer', async () => {
    const { call, resolve } = pending()
    const answers = Promise.all([call.wait(undefined), call.wait(new AbortController().signal)])
    resolve(7)
    expect(await answers).toEqual([7, 7])
  })

  test('goes on for the others when one leaves', async () => {
    const { call, resolve, signal } = pending()
    const reason = new Error('enough')
    const leaving = new AbortController()
    const left = call.wait(leaving.signal).catch(caught)
    const stays = call.wait(undefined)
    leaving.abort(reason)
    expect(await left).toBe(reason)
    expect(signal().aborted).toBe(false)
    resolve(7)
    expect(await stays).toBe(7)
  })

  test('ends when the last one leaves', async () => {
    const { call, signal } = pending()
    const reason = new Error('enough')
    const leaving = new AbortController()
    const left = call.wait(leaving.signal).catch(caught)
    leaving.abort(reason)
    expect(await left).toBe(reason)
    expect(signal().reason).toBe(reason)
    expect(call.isAbandoned).toBe(true)
  })
})
