namespace PenguinMails.Fleet.Stacks.Connected;

/// <summary>One change on a server, as small as its API makes it.</summary>
/// <param name="Told">The change for a person.</param>
abstract record StackOp(StackChange Told)
{
    /// <param name="Known">Null when it is to be made.</param>
    public sealed record PutDomain(string Name, string Comment, DomainFact? Known, StackChange Told) : StackOp(Told);

    public sealed record DropDomain(string Name, DomainFact Known, StackChange Told) : StackOp(Told);

    /// <param name="Known">What stands under the same selector, or null.</param>
    public sealed record PutKey(string Domain, StackDkimKey Key, KeyFact? Known, StackChange Told) : StackOp(Told);

    public sealed record DropKey(string Domain, KeyFact Known, StackChange Told) : StackOp(Told);

    /// <param name="Passwords">As many as the server takes.</param>
    /// <param name="HasNewPasswords">False leaves them as they are.</param>
    public sealed record PutMailbox(StackMailbox Mailbox, IReadOnlyList<string> Passwords, string Mark, bool HasNewPasswords, MailboxFact? Known, StackChange Told) : StackOp(Told)
    {
        public override string ToString() => Mailbox.Address;
    }

    public sealed record DropMailbox(string Address, MailboxFact Known, StackChange Told) : StackOp(Told);

    public sealed record PutAlias(StackAlias Alias, string Mark, AliasFact? Known, StackChange Told) : StackOp(Told);

    public sealed record DropAlias(string Address, AliasFact Known, StackChange Told) : StackOp(Told);
}
