using PenguinMails.Delivery.Messages;

namespace PenguinMails.Delivery.Transport;

/// <summary>What connections hand back to the gate until it is written: ends, passes that were not used, and messages that ask once more.</summary>
/// <param name="journal">Has the word of a server before the database, so that it is not lost with the process.</param>
sealed class GateTray(LaneJournal? journal)
{
    readonly Lock _lock = new();
    List<Outcome> _ended = [];
    List<Claimed> _unused = [];
    List<Asked> _asked = [];
    bool _isShut; // Nothing passes any more.

    /// <param name="Answer">The new pass, or null.</param>
    public sealed record Asked(Pass Parked, TaskCompletionSource<Pass?> Answer);

    public void Record(Outcome outcome)
    {
        if (outcome.State != MessageState.InDoubt) journal?.Tell(outcome.State == MessageState.Sent ? LaneMark.Accepted : LaneMark.Refused, outcome.Message.Id.Value);
        lock (_lock) _ended.Add(outcome);
    }

    public void GiveBack(Claimed message)
    {
        lock (_lock) _unused.Add(message);
    }

    public Task<Pass?> Ask(Pass parked)
    {
        var asked = new Asked(parked, new(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_lock)
        {
            if (_isShut) asked.Answer.SetResult(null);
            else _asked.Add(asked);
        }

        return asked.Answer.Task;
    }

    /// <summary>Empties it.</summary>
    public (List<Outcome> Ended, List<Claimed> Unused, List<Asked> Asked) Take()
    {
        lock (_lock)
        {
            var taken = (_ended, _unused, _asked);
            (_ended, _unused, _asked) = ([], [], []);
            return taken;
        }
    }

    /// <summary>What could not be written comes back; who asked gets no pass.</summary>
    public void Restore(List<Outcome> ended, List<Claimed> unused, List<Asked> asked)
    {
        Refuse(asked);
        lock (_lock)
        {
            _ended.AddRange(ended);
            _unused.AddRange(unused);
        }
    }

    /// <summary>Whoever asks, now or later, gets no pass.</summary>
    public void Shut()
    {
        lock (_lock)
        {
            _isShut = true;
            Refuse(_asked);
            _asked = [];
        }
    }

    static void Refuse(List<Asked> asked)
    {
        foreach (var one in asked) one.Answer.TrySetResult(null);
    }
}
