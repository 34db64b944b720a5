// `show --capabilities`: what this server can and cannot do, as text and as JSON.
import type { FeatureState, ServerFacts } from '../../northbound/features.ts';
import { featuresOf } from '../../northbound/features.ts';
import { columns } from '../table.ts';

/** Fields and their order are a contract. */
export function capabilitiesJson(server: ServerFacts): Record<string, unknown> {
  const { schema } = server.capabilities;
  return {
    schema: schema.version,
    northd: northdText(server) ?? null,
    features: featuresOf(server).map(({ name, needs, isHere, otherwise }) => ({
      name,
      needs,
      here: isHere ?? null,
      otherwise,
    })),
  };
}

/** Ends with a line end. */
export function formatCapabilities(server: ServerFacts): string {
  const { schema } = server.capabilities;
  const states = featuresOf(server);
  const lines = columns(states.map((state) => [hereText(state), state.name, plain(state.needs)]));
  const body = states.flatMap((state, index) => {
    const line = lines[index] ?? '';
    return state.isHere === true ? [line] : [line, `     without: ${plain(state.otherwise)}`];
  });
  const northd = northdText(server) ?? 'unknown: it has not run on this database yet';
  return `${[`schema ${schema.version}, ovn-northd ${northd}`, '', ...body].join('\n')}\n`;
}

const hereText = ({ isHere }: FeatureState): string => (isHere === undefined ? '?' : isHere ? 'yes' : 'no');

/** The texts are Markdown for the docs. */
const plain = (text: string): string => text.replaceAll('`', '');

/** `23.03`, as releases of OVN are written. */
function northdText({ capabilities: { northd } }: ServerFacts): string | undefined {
  return northd && `${northd.major}.${String(northd.minor).padStart(2, '0')}`;
}
