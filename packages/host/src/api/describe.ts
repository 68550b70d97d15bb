/** The OpenAPI 3.1 document of the local API. Few ask for it: what it takes is loaded then. */
export async function describeApi(): Promise<object> {
  const { openApiDocument } = await import('./openapi.ts');
  return openApiDocument();
}
