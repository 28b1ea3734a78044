const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A UUID in text form, neither all zeros nor all ones (what unset firmware reports). */
export function isUuid(text: string): boolean {
  return UUID.test(text) && !/^[0-]+$/.test(text) && !/^[f-]+$/i.test(text);
}
