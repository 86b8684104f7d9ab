namespace PenguinMails.Mail.Mime;

/// <summary>What reading puts up with. Beyond a limit the rest is left unread: <see cref="MimePart.IsCut"/> and a defect say so.</summary>
public sealed record MimeLimits
{
    /// <summary>Parts within parts. Default 20.</summary>
    public int DepthMax { get; init; } = 20;

    /// <summary>Parts of one message in all, messages inside it included. Default 500.</summary>
    public int PartsMax { get; init; } = 500;

    /// <summary>Header fields of one part. Default 1000.</summary>
    public int HeadersMax { get; init; } = 1000;

    /// <summary>Header fields of all parts together. Default 10,000.</summary>
    public int HeadersInAllMax { get; init; } = 10_000;

    /// <summary>Octets of one header field when unfolded. Default 256 KiB, room for some 8,000 recipients.</summary>
    public int HeaderOctetsMax { get; init; } = 256 * 1024;

    /// <summary>Octets of one decoded text. Default 4 MiB.</summary>
    public int TextOctetsMax { get; init; } = 4 * 1024 * 1024;

    /// <summary>Defects kept; later ones are only not listed. Default 200.</summary>
    public int DefectsMax { get; init; } = 200;
}
