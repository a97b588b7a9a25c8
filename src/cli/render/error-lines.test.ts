import { describe, expect, test } from 'vitest'
import { LadingError } from '../../errors/index.ts'
import { errorLines } from './error-lines.ts'
import { createStyle } from './style.ts'

const options = { style: createStyle(false), debug: false }

describe('errorLines()', () => {
  test('says what failed and what to try, on one line each', () => {
    const error = new LadingError('X', 'Cannot do it: no', { hint: 'that' })
    expect(errorLines(error, options)).toEqual(['error: Cannot do it: no', '  try: that'])
  })

  test('says what to try with what is damaged, where the error does not', () => {
    expect(errorLines(new LadingError('DAMAGED', 'Cannot do it: no'), options)[1]).toMatch(/^ {2}try: fetch/)
    const error = new LadingError('DAMAGED', 'Cannot do it: no', { hint: 'that' })
    expect(errorLines(error, options)).toEqual(['error: Cannot do it: no', '  try: that'])
  })

  test('shows a stack only when asked, with its causes', () => {
    const error = new LadingError('X', 'Cannot do it: no', { cause: new Error('deeper') })
    expect(errorLines(error, options).join('\n')).not.toContain('error-lines.test')
    const shown = errorLines(error, { ...options, debug: true }).join('\n')
    expect(shown).toContain('error-lines.test')
    expect(shown).toContain('caused by Error: deeper')
  })

  test('lets no escape sequence through, whoever wrote the message', () => {
    const error = new LadingError('X', 'bad \u001b[31m name', { hint: '\u001b]0;x\u0007' })
    expect(errorLines(error, options).join('\n')).not.toMatch(/\u001b|\u0007/)
  })

  test('calls what nobody expected unexpected', () => {
    expect(errorLines(new TypeError('x is not a function'), options)[0]).toContain('unexpected error')
  })
})
