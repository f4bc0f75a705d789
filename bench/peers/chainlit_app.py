"""A chat in Chainlit."""

import chainlit

from bench.peers.graph import awords


async def answer(message: chainlit.Message) -> None:
    """Stream the answer into a message."""
    reply = chainlit.Message(content="")
    async for piece in awords(message.content):
        await reply.stream_token(piece)
    await reply.update()


chainlit.on_message(answer)
