using System.Globalization;
using System.Text;

namespace PenguinMails.Mail.Imap;

/// <summary>The state machine of a conversation: one command at a time, its literals and challenges, everything the server says unasked, and the tagged end.</summary>
sealed class ImapSession(ImapWire wire, ImapOptions options)
{
    /// <summary>Responses to one command.</summary>
    const int ResponsesMax = 2_000_000;

    const int ChallengesMax = 10;
    const int CapabilitiesMax = 500;
    const int ChangesMax = 10_000;

    /// <summary>Literals outside of fetched sections: names and header fields.</summary>
    const int LiteralOctetsMax = 64 * 1024;

    readonly List<ImapChange> changes = [];
    int tag;

    public IReadOnlyList<string> Capabilities { get; set; } = [];

    /// <summary>True when names go as UTF-8 and quoted strings may hold it.</summary>
    public bool IsUtf8 { get; set; }

    /// <summary>Messages in the selected folder, as last heard.</summary>
    public uint Exists { get; set; }

    public ImapWire Wire => wire;

    public ImapOptions Options => options;

    public bool Offers(string capability) => Capabilities.Contains(capability);

    /// <summary>What the server said unasked since the last time.</summary>
    public IReadOnlyList<ImapChange> TakeChanges()
    {
        ImapChange[] taken = [.. changes];
        changes.Clear();
        return taken;
    }

    /// <summary>Null when the tagged answer is OK.</summary>
    /// <param name="hear">Gets every untagged response but those that end the conversation.</param>
    /// <param name="drains">Literals up to <see cref="ImapOptions.SectionOctetsMax"/> are kept, longer ones thrown away; else long ones end the connection.</param>
    public async ValueTask<ImapOutcome?> Run(
        ImapStage stage, ImapCommand command, Func<ImapResponse, CancellationToken, ValueTask>? hear, bool drains, CancellationToken ct) =>
        (await Ask(stage, command, hear, drains, ct).ConfigureAwait(false)).Outcome;

    /// <summary>As <see cref="Run"/>, with the tagged response for its code.</summary>
    public async ValueTask<(ImapOutcome? Outcome, ImapResponse? Tagged)> Ask(
        ImapStage stage, ImapCommand command, Func<ImapResponse, CancellationToken, ValueTask>? hear, bool drains, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (!wire.IsOpen) return (Lost(stage), null);
        wire.Begin();
        var name = string.Create(CultureInfo.InvariantCulture, $"A{++tag:D3}");
        var line = name + " ";
        var isFirst = true;
        foreach (var (text, literal) in command.Parts)
        {
            var isUnasked = ImapCommand.IsUnasked(Capabilities, literal.Length);
            await Say($"{line}{text}{{{literal.Length}{(isUnasked ? "+" : "")}}}", command.Shown is null ? null : isFirst ? $"{name} {command.Shown}" : "", ct).ConfigureAwait(false);
            if (!isUnasked)
            {
                var (outcome, response) = await UntilAnswered(stage, name, hear, drains, ct).ConfigureAwait(false);
                if (outcome is not null) return (outcome, response);
                if (response is not null) return (Refusal(stage, response), response); // OK before the command was whole.
            }
            await wire.Say(literal, null, ct).ConfigureAwait(false);
            (line, isFirst) = ("", false);
        }
        await Say(line + command.Tail, command.Shown is null ? null : isFirst ? $"{name} {command.Shown}" : "", ct).ConfigureAwait(false);
        return await Finish(stage, name, command, hear, drains, ct).ConfigureAwait(false);
    }

    /// <summary>IDLE (RFC 2177): until something comes, the time is over or the server ends it.</summary>
    public async ValueTask<ImapOutcome?> Idle(TimeSpan within, CancellationToken ct)
    {
        wire.Begin();
        var name = string.Create(CultureInfo.InvariantCulture, $"A{++tag:D3}");
        await Say(name + " IDLE", null, ct).ConfigureAwait(false);
        var (outcome, response) = await UntilAnswered(ImapStage.Command, name, null, false, ct).ConfigureAwait(false);
        if (outcome is not null || response is not null) return outcome;
        if (changes.Count == 0) await wire.Comes(within, ct).ConfigureAwait(false);
        wire.Begin();
        await Say("DONE", null, ct).ConfigureAwait(false);
        return (await Finish(ImapStage.Command, name, new ImapCommand(""), null, false, ct).ConfigureAwait(false)).Outcome;
    }

    public ImapOutcome Lost(ImapStage stage) => new(stage, ImapKind.ConnectionLost, null, wire.Trouble);

    public static ImapOutcome Refusal(ImapStage stage, ImapResponse response) => new(stage, ImapKind.Refused, response.Code, response.Text);

    /// <summary>CAPABILITY as a response or as a code.</summary>
    public void Note(ImapResponse response)
    {
        if (response.Code == "CAPABILITY") Capabilities = Words(response.CodeText);
        if (response.Word == "CAPABILITY") Capabilities = Words(response.Tokens.Rest());
    }

    static string[] Words(string text) => [.. text.ToUpperInvariant().Split(' ', CapabilitiesMax, StringSplitOptions.RemoveEmptyEntries)];

    async ValueTask<(ImapOutcome? Outcome, ImapResponse? Tagged)> Finish(
        ImapStage stage, string name, ImapCommand command, Func<ImapResponse, CancellationToken, ValueTask>? hear, bool drains, CancellationToken ct)
    {
        var answer = command.Answer;
        for (var challenges = 0; challenges <= ChallengesMax; challenges++)
        {
            var (outcome, tagged) = await UntilAnswered(stage, name, hear, drains, ct).ConfigureAwait(false);
            if (outcome is not null || tagged is not null) return (outcome, tagged);
            await Say(answer ?? command.LastAnswer, answer is not null || command.HidesAnswers ? "***" : null, ct).ConfigureAwait(false);
            answer = null;
        }
        wire.Close("The server asks without end.");
        return (Lost(stage), null);
    }

    /// <summary>Both null for "+"; the tagged response alone for OK.</summary>
    async ValueTask<(ImapOutcome? Outcome, ImapResponse? Tagged)> UntilAnswered(
        ImapStage stage, string name, Func<ImapResponse, CancellationToken, ValueTask>? hear, bool drains, CancellationToken ct)
    {
        for (var count = 0; count < ResponsesMax; count++)
        {
            var response = await wire.Hear(drains ? Math.Max(options.SectionOctetsMax, LiteralOctetsMax) : LiteralOctetsMax, drains, ct).ConfigureAwait(false);
            if (response is null) return (Lost(stage), null);
            if (response.Tag == "+") return (null, null);
            Note(response);
            if (response.Tag == name)
            {
                if (response.Word == "OK") return (null, response);
                if (response.IsStatus) return (Refusal(stage, response), response);
            }
            if (response.Tag != "*")
            {
                wire.Close("The server's answer is not IMAP.");
                return (Lost(stage), null);
            }
            // RFC 9051 7.1.5: BYE may come at any time; after LOGOUT it is no news.
            if (response.Word == "BYE" && stage != ImapStage.Done)
            {
                wire.Close("The server said goodbye: " + response.Text);
                return (Refusal(stage, response), null);
            }
            Watch(response);
            if (hear is not null) await hear(response, ct).ConfigureAwait(false);
        }
        wire.Close("The server's answer has no end.");
        return (Lost(stage), null);
    }

    void Watch(ImapResponse response)
    {
        var kind = response.Word switch
        {
            "EXISTS" => ImapChangeKind.Exists,
            "EXPUNGE" or "VANISHED" => ImapChangeKind.Expunged,
            "FETCH" => ImapChangeKind.Flags,
            _ => (ImapChangeKind?)null,
        };
        if (kind is null) return;
        if (kind == ImapChangeKind.Exists && response.Number is { } count) Exists = count;
        if (response.Word == "EXPUNGE" && Exists > 0) Exists--;
        if (changes.Count < ChangesMax) changes.Add(new ImapChange(kind.Value, response.Number ?? 0));
    }

    ValueTask Say(string line, string? shown, CancellationToken ct) => wire.Say(Encoding.UTF8.GetBytes(line + CrLf.Text), shown ?? line, ct);
}
