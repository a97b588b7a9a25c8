import { describe, expect, test } from 'vitest'
import { AccessConfigurationError } from './access-configuration-error.ts'
import { costOf, parseHtpasswd } from './parse-htpasswd.ts'

const salted = 'O0PyI7JyDCdZ2knJRkBOquplC2RtW1PR7/F3TOQodZrakjxNT3G66'

describe('parseHtpasswd()', () => {
  test('reads bcrypt entries of all three marks, past comments, empty lines and CRLF', () => {
    const text = `# people\n\nalice:$2y$05$${salted}\r\nbob:$2a$10$${salted}\njörg x:$2b$14$${salted}`
    expect([...parseHtpasswd(text, 'file').keys()]).toEqual(['alice', 'bob', 'jörg x'])
    expect(parseHtpasswd(text, 'file').get('alice')).toBe(`$2y$05$${salted}`)
  })

  test.each([
    ['MD5', 'eve:$apr1$x$6aDyNTVgOJKNrWQ9K0aJ51', 'not hashed with bcrypt'],
    ['SHA-1', 'eve:{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M=', 'not hashed with bcrypt'],
    ['crypt', 'eve:rqXexS6ZhobKA', 'not hashed with bcrypt'],
    ['plain text', 'eve:hunter2', 'not hashed with bcrypt'],
    ['$2x$', `eve:$2x$05$${salted}`, 'not hashed with bcrypt'],
    ['a short hash', `eve:$2y$05$${salted.slice(1)}`, 'not hashed with bcrypt'],
    ['a third column', `eve:$2y$05$${salted}:x`, 'not hashed with bcrypt'],
    ['a cost that holds the server up', `eve:$2y$15$${salted}`, 'cost is over 14'],
    ['no user', `:$2y$05$${salted}`, 'has no name'],
    ['no colon', 'eve', 'no entry'],
    ['a user twice', `alice:$2y$05$${salted}`, 'twice'],
  ])('refuses %s, with the line and without what it says', (_, line, reason) => {
    const text = `# people\nalice:$2y$05$${salted}\n${line}\n`
    const read = (): unknown => parseHtpasswd(text, '/etc/users')
    expect(read).toThrow(AccessConfigurationError)
    expect(read).toThrow(`/etc/users: line 3: `)
    expect(read).toThrow(reason)
    expect(read).not.toThrow(/hunter2|rqXex|O0PyI/)
  })

  test('the cost is told by the hash', () => {
    expect(costOf(`$2y$05$${salted}`)).toBe(5)
    expect(costOf(`$2b$12$${salted}`)).toBe(12)
  })
})
