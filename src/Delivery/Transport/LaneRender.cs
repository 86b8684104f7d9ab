using System.Collections.Concurrent;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Content;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Mail.Addresses;
using DkimKey = PenguinMails.Mail.Auth.DkimKey;

namespace PenguinMails.Delivery.Transport;

/// <summary>Makes a lane's messages ready for the wire, and signs them.</summary>
sealed class LaneRender(Lane lane, Sender sender, DkimKey? dkim, TenantDb db, RenderMessage render)
{
    readonly SenderFace _face = render.FaceOf(sender);
    readonly ConcurrentQueue<MessageRoom> _free = new();

    /// <summary>Begins to make them, on as many processors as there are: the first ones are ready first.</summary>
    public IEnumerable<(Claimed Message, Task<Rendered> Ready)> Begin(IReadOnlyList<Claimed> messages)
    {
        var ready = Enumerable.Range(0, messages.Count).Select(_ => new TaskCompletionSource<Rendered>(TaskCreationOptions.RunContinuationsAsynchronously)).ToArray();
        for (var processor = 0; processor < Math.Min(Environment.ProcessorCount, messages.Count); processor++)
        {
            var first = processor;
            _ = Task.Run(() => MakeEach(messages, ready, first));
        }

        return messages.Zip(ready, (message, made) => (message, made.Task));
    }

    async Task MakeEach(IReadOnlyList<Claimed> messages, TaskCompletionSource<Rendered>[] ready, int first)
    {
        for (var at = first; at < messages.Count; at += Environment.ProcessorCount)
        {
            var making = Make(messages[at]);
            await ((Task)making).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // Who waits for the message hears of it.
            ready[at].SetFromTask(making);
        }
    }

    async Task<Rendered> Make(Claimed message)
    {
        if (message.Content is not { } id) return render.Conversation(sender, dkim, message.Id, EmailAddress.Parse(message.Address), message.Fields, MessageRoom.Of(_free));
        var content = await render.Load(lane.Tenant, id, db, CancellationToken.None);
        return render.Build(content, _face, dkim, message.Id, EmailAddress.Parse(message.Address), message.Country, message.Fields, MessageRoom.Of(_free));
    }

    /// <summary>The message as it was made. If that failed no server heard of it, so there is no doubt and it waits again.</summary>
    public static async Task<Rendered> Ready(LaneGate gate, Pass pass)
    {
        Rendered? made = null;
        try
        {
            return made = await pass.Ready;
        }
        finally
        {
            if (made is null) gate.GiveBack(pass.Message);
        }
    }
}
