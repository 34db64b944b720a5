// Where to listen: `127.0.0.1:9476`, `[::1]:9476`, or `:9476` for every address of the host.

export interface ListenAddress {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

const notation = /^(?:\[(?<six>[0-9a-fA-F:.]+)\]|(?<name>[^[\]:]*)):(?<port>\d{1,5})$/;

/** Undefined when the text is none. Names are looked up when listening begins. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const { six, name = '', port = '' } = notation.exec(text)?.groups ?? {};
  if (port === '' || Number(port) > 65_535) return undefined;
  return { host: six ?? (name === '' ? '::' : name), port: Number(port) };
}
