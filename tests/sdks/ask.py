"""Which variable each library takes its key from: a request is sent to a server on this machine.

The first argument is the library, the second the server's address. What is read from the
environment is the library's own affair: no key is passed here.
"""

import sys

library, url = sys.argv[1:]


def openai():
    import openai

    openai.OpenAI(base_url=url, max_retries=0).models.list()


def azure():
    import openai

    openai.AzureOpenAI(azure_endpoint=url, api_version="2025-01-01", max_retries=0).models.list()


def openai_bedrock():
    import openai

    openai.BedrockOpenAI(base_url=url, aws_region="us-east-1", max_retries=0).models.list()


def anthropic():
    import anthropic

    anthropic.Anthropic(base_url=url, max_retries=0).models.list()


def anthropic_bedrock():
    import anthropic

    client = anthropic.AnthropicBedrock(base_url=url, aws_region="us-east-1", max_retries=0)
    client.messages.create(model="m", max_tokens=1, messages=[{"role": "user", "content": "a"}])


def boto3():
    import urllib.request

    import boto3
    from botocore.awsrequest import AWSResponse

    # A bearer token is sent over TLS only: the request is looked at before it is sent.
    def send(request, **_):
        header = {"authorization": request.headers["Authorization"].decode()}
        urllib.request.urlopen(urllib.request.Request(url, headers=header))
        return AWSResponse(request.url, 403, {}, None)

    client = boto3.client("bedrock-runtime", region_name="us-east-1", endpoint_url="https://localhost:9")
    client.meta.events.register("before-send.bedrock-runtime", send)
    client.converse(modelId="m", messages=[{"role": "user", "content": [{"text": "a"}]}])


def google_genai():
    from google import genai

    client = genai.Client(http_options={"base_url": url})
    client.models.generate_content(model="m", contents="a")


def mistralai():
    from mistralai.client import Mistral

    Mistral(server_url=url).models.list()


def cohere():
    import cohere

    cohere.ClientV2(base_url=url).models.list()


def cohere_generated():
    from cohere.base_client import BaseCohere

    BaseCohere(base_url=url).models.list()


def huggingface_hub():
    import huggingface_hub

    huggingface_hub.HfApi(endpoint=url).whoami()


def together():
    import together

    client = together.Together(base_url=url, max_retries=0)
    client.chat.completions.create(model="m", messages=[{"role": "user", "content": "a"}])


def groq():
    import groq

    groq.Groq(base_url=url, max_retries=0).models.list()


def replicate():
    import replicate

    replicate.Client(base_url=url).models.list()


def fireworks():
    import fireworks

    fireworks.Fireworks(base_url=url, account_id="a", max_retries=0).get("/models", cast_to=object)


def cerebras():
    from cerebras.cloud.sdk import Cerebras

    Cerebras(base_url=url, max_retries=0, warm_tcp_connection=False).models.list()


def voyageai():
    import voyageai

    voyageai.Client(base_url=url, max_retries=0).embed(["a"], model="voyage-3")


def perplexity():
    import perplexity

    perplexity.Perplexity(base_url=url, max_retries=0).search.create(query="a")


def ai21():
    from ai21 import AI21Client
    from ai21.models.chat import UserMessage

    AI21Client(api_host=url, num_retries=1).chat.completions.create(
        model="m", messages=[UserMessage(content="a")]
    )


def openrouter():
    from openrouter import OpenRouter

    OpenRouter(server_url=url).models.list()


def elevenlabs():
    from elevenlabs import ElevenLabs

    ElevenLabs(base_url=url).models.list()


def deepgram():
    from deepgram import DeepgramClient
    from deepgram.environment import DeepgramClientEnvironment

    DeepgramClient(
        environment=DeepgramClientEnvironment(base=url, production=url, agent=url, agent_rest=url)
    ).manage.v1.projects.list()


def assemblyai():
    import assemblyai

    assemblyai.settings.base_url = url
    assemblyai.Transcript.get_by_id("a")


def xai():
    import urllib.request

    import xai_sdk

    # It speaks gRPC: the key is looked at where it is put into the channel.
    class Client(xai_sdk.Client):
        def _make_grpc_channel(self, api_key, *rest):
            urllib.request.urlopen(urllib.request.Request(url, headers={"authorization": api_key}))
            return super()._make_grpc_channel(api_key, *rest)

    Client()


def slack_bolt():
    from slack_bolt import App
    from slack_sdk import WebClient

    app = App(signing_secret="s", token_verification_enabled=False)
    WebClient(token=app._token, base_url=url + "/").api_test()


globals()[library]()
