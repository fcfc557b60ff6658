// Which variable each library takes its key from: a request is sent to a server on this machine.
//
// The first argument is the library, the second the server's address. What is read from the
// environment is the library's own affair: no key is passed here.

const [library, url] = process.argv.slice(2);
const messages = [{ role: 'user', content: 'a' }];

const ASK = {
  async openai() {
    const { OpenAI } = await import('openai');
    await new OpenAI({ baseURL: url, maxRetries: 0 }).models.list();
  },
  async azure() {
    const { AzureOpenAI } = await import('openai');
    await new AzureOpenAI({ endpoint: url, apiVersion: '2025-01-01', maxRetries: 0 }).models.list();
  },
  async anthropic() {
    const { default: Anthropic } = await import('@anthropic-ai/sdk');
    await new Anthropic({ baseURL: url, maxRetries: 0 }).models.list();
  },
  async google_genai() {
    const { GoogleGenAI } = await import('@google/genai');
    await new GoogleGenAI({ httpOptions: { baseUrl: url } }).models.generateContent({ model: 'm', contents: 'a' });
  },
  async cohere() {
    const { CohereClientV2 } = await import('cohere-ai');
    await new CohereClientV2({ environment: url, baseUrl: url }).models.list();
  },
  async groq() {
    const { default: Groq } = await import('groq-sdk');
    await new Groq({ baseURL: url, maxRetries: 0 }).models.list();
  },
  async together() {
    const { default: Together } = await import('together-ai');
    await new Together({ baseURL: url, maxRetries: 0 }).chat.completions.create({ model: 'm', messages });
  },
  async replicate() {
    const { default: Replicate } = await import('replicate');
    await new Replicate({ baseUrl: url }).models.list();
  },
  async ai_sdk_cohere() {
    const { createCohere } = await import('@ai-sdk/cohere');
    await createCohere({ baseURL: url })('m').doGenerate({ prompt: [{ role: 'user', content: [{ type: 'text', text: 'a' }] }] });
  },
  async ai_sdk_deepseek() {
    const { createDeepSeek } = await import('@ai-sdk/deepseek');
    await createDeepSeek({ baseURL: url })('m').doGenerate({ prompt: [{ role: 'user', content: [{ type: 'text', text: 'a' }] }] });
  },
  async ai_sdk_together() {
    const { createTogetherAI } = await import('@ai-sdk/togetherai');
    await createTogetherAI({ baseURL: url })('m').doGenerate({ prompt: [{ role: 'user', content: [{ type: 'text', text: 'a' }] }] });
  },
};

await ASK[library]();
