import { expect, test } from 'vitest'
import { shortCommand } from './short-command.ts'

test.each([
  ['/bin/sh -c #(nop)  CMD ["bash"]', 'CMD ["bash"]'],
  [
    '/bin/sh -c #(nop) ADD file:8b8864b3e02a33a579dc216fd51b28a6047bc8eeaa03045b258980fe0cf7fcb3 in / ',
    'ADD file:8b8864b3e02a in /',
  ],
  ['/bin/sh -c set -eux;   apt-get update', 'RUN set -eux; apt-get update'],
  ['RUN /bin/sh -c set -eux; \t\tapt-get update # buildkit', 'RUN set -eux; apt-get update'],
  ['|2 A=1 B=two words /bin/sh -c make', 'RUN make'],
  ['RUN |1 A=/bin/x /bin/sh -c make # buildkit', 'RUN make'],
  ['COPY app /app # buildkit', 'COPY app /app'],
  ['ENV PATH=/usr/bin', 'ENV PATH=/usr/bin'],
  ['# debian.sh --arch amd64', '# debian.sh --arch amd64'],
  ['apko', 'apko'],
  ['|1 odd', '|1 odd'],
  ['', ''],
])('shortCommand(%j) is %j', (createdBy, command) => {
  expect(shortCommand(createdBy)).toBe(command)
})
