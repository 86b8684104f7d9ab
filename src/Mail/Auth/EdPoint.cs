namespace PenguinMails.Mail.Auth;

/// <summary>A point of edwards25519 in extended coordinates (RFC 8032 5.1.4): x = X/Z, y = Y/Z, xy = T/Z.</summary>
readonly record struct EdPoint(EdField X, EdField Y, EdField Z, EdField T)
{
    // RFC 8032 5.1: d = -121665/121666; the root of -1 that square roots need.
    static readonly EdField Curve = (EdField.Zero - EdField.Of(121665)) * EdField.Of(121666).Inverse();
    static readonly EdField RootOfMinusOne = EdField.Of(2).QuarterPower();
    static readonly EdPoint Neutral = new(EdField.Zero, EdField.One, EdField.One, EdField.Zero);

    /// <summary>y = 4/5 and an even x.</summary>
    public static readonly EdPoint Generator = Decode((EdField.Of(4) * EdField.Of(5).Inverse()).Write()) ?? Neutral;

    /// <summary>Complete: right for any two points, equal ones and the neutral one included.</summary>
    public EdPoint Add(EdPoint other)
    {
        var a = (Y - X) * (other.Y - other.X);
        var b = (Y + X) * (other.Y + other.X);
        var c = T * Curve * other.T;
        var d = Z * other.Z;
        (c, d) = (c + c, d + d);
        var (e, f, g, h) = (b - a, d - c, d + c, b + a);
        return new EdPoint(e * f, g * h, f * g, e * h);
    }

    EdPoint Double()
    {
        var (a, b, c, sum) = (X * X, Y * Y, Z * Z, X + Y);
        var h = a + b;
        var e = h - (sum * sum);
        var g = a - b;
        var f = c + c + g;
        return new EdPoint(e * f, g * h, f * g, e * h);
    }

    public EdPoint Negate() => new(EdField.Zero - X, Y, Z, EdField.Zero - T);

    /// <summary>Double and add for each bit, the sum taken or left without a branch: 256 times the same work whatever the scalar.</summary>
    /// <param name="scalar">32 octets, little-endian.</param>
    public static EdPoint Multiply(ReadOnlySpan<byte> scalar, EdPoint point)
    {
        var sum = Neutral;
        for (var bit = 255; bit >= 0; bit--)
        {
            sum = sum.Double();
            var more = sum.Add(point);
            var choose = (ulong)((scalar[bit >> 3] >> (bit & 7)) & 1);
            sum = new EdPoint(sum.X.Or(more.X, choose), sum.Y.Or(more.Y, choose), sum.Z.Or(more.Z, choose), sum.T.Or(more.T, choose));
        }
        return sum;
    }

    /// <summary>True for the eight points that three doublings bring to the neutral one: a key like that signs for nobody.</summary>
    public bool IsSmallOrder
    {
        get
        {
            var eightfold = Double().Double().Double();
            return eightfold.X.Same(EdField.Zero) && eightfold.Y.Same(eightfold.Z);
        }
    }

    public byte[] Encode()
    {
        var inverse = Z.Inverse();
        var octets = (Y * inverse).Write();
        octets[31] |= (byte)(((X * inverse).Write()[0] & 1) << 7);
        return octets;
    }

    /// <summary>RFC 8032 5.1.3; null when the octets are no point in their one form.</summary>
    public static EdPoint? Decode(ReadOnlySpan<byte> octets)
    {
        if (EdField.Read(octets) is not { } y) return null;
        var square = y * y;
        var (u, v) = (square - EdField.One, (square * Curve) + EdField.One);
        var v3 = v * v * v;
        var x = u * v3 * (u * v3 * v3 * v).RootPower();
        var check = v * x * x;
        if (!check.Same(u))
        {
            if (!check.Same(EdField.Zero - u)) return null;
            x *= RootOfMinusOne;
        }
        var isOdd = (octets[31] & 0x80) != 0;
        if (x.Same(EdField.Zero) && isOdd) return null;
        if (((x.Write()[0] & 1) == 1) != isOdd) x = EdField.Zero - x;
        return new EdPoint(x, y, EdField.One, x * y);
    }
}
