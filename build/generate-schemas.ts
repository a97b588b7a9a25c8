import { toJsonSchema } from '@valibot/to-json-schema'
import { configSchema } from '../src/cli/config/schema.ts'
import { writeGenerated } from './write-generated.ts'

await writeGenerated('schema', {
  'config.schema.json': `${JSON.stringify({ title: 'Lading: ~/.config/lading/config.yaml', ...toJsonSchema(configSchema) }, null, 2)}\n`,
})
