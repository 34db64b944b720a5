// A JSON schema as lines of a table: one per field, nested ones by path.

/** The part of JSON schema that our schemas use. */
export interface FieldSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly items?: FieldSchema;
  readonly anyOf?: readonly FieldSchema[];
}

/** Lines `| field | type | default | meaning |` of every field below `schema`, in its order. */
export function fieldRows(schema: FieldSchema, path = ''): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const at = path === '' ? name : `${path}.${name}`;
    const isNeeded = schema.required?.includes(name) === true && field.default === undefined;
    const row = `| \`${at}\` | ${typeText(field)} | ${defaultText(field, isNeeded)} | ${cell(field.description ?? '')} |`;
    const inner = field.items?.properties === undefined ? field : field.items;
    const innerPath = field.items?.properties === undefined ? at : `${at}[]`;
    return [row].concat(fieldRows(inner, innerPath));
  });
}

export const fieldHead = '| field | type | default | meaning |\n|---|---|---|---|';

/** Text that cannot break out of a cell. */
export const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function typeText(field: FieldSchema): string {
  if (field.enum !== undefined) return field.enum.map((word) => `\`${String(word)}\``).join(', ');
  if (field.type === 'array')
    return `list of ${field.items === undefined ? 'anything' : typeText(field.items)}`;
  const { minimum, maximum } = field;
  const range = minimum === undefined && maximum === undefined ? '' : ` ${minimum ?? ''}..${maximum ?? ''}`;
  return `${field.type ?? 'any'}${range}`;
}

function defaultText(field: FieldSchema, isNeeded: boolean): string {
  if (isNeeded) return '**required**';
  const value = field.default;
  if (value === undefined || (typeof value === 'object' && JSON.stringify(value) === '{}')) return '';
  return `\`${JSON.stringify(value)}\``;
}
