namespace PenguinMails.Oversight.Plans;

/// <summary>What a value of a plan may look like. The one declaration that the reader, the JSON Schemas and the canonical form follow.</summary>
abstract record Shape
{
    public static readonly Shape Text = new TextShape();
    public static readonly Shape Name = new NameShape();
    public static readonly Shape Number = new NumberShape(null, null);
    public static readonly Shape Share = new NumberShape(0, 1);
    public static readonly Shape Flag = new FlagShape();
    public static readonly Shape Day = new PeriodShape(OneDay: true);
    public static readonly Shape Period = new PeriodShape(OneDay: false);
    public static readonly Shape Span = new SpanShape();
    public static readonly Shape Quantity = new QuantityShape();
    public static readonly Shape Anything = new AnyShape();
    public static readonly Shape Texts = new ListShape(Text);

    public static Shape Whole(int low, int high) => new NumberShape(low, high, WholeOnly: true);

    public static Shape Word(params string[] words) => new WordShape(words);

    public static Shape Reference(params string[] kinds) => new ReferenceShape(kinds);

    public static Shape References(params string[] kinds) => new ListShape(new ReferenceShape(kinds));

    public static Shape List(Shape item) => new ListShape(item);

    public static Shape Map(Shape value) => new MapShape(value);

    public static Shape Either(params Shape[] shapes) => new EitherShape(shapes);

    public static ObjectShape Object(params Field[] fields) => new(fields);
}

/// <summary>A key of an object. Keys that are not required may be missing or null.</summary>
/// <param name="About">One sentence for the JSON Schema and the guide.</param>
sealed record Field(string Key, Shape Shape, string About, bool Required = false);

sealed record TextShape : Shape;

/// <summary>Lower-case letters, digits, dots and dashes, as RFC 1123 has host names; at most 100.</summary>
sealed record NameShape : Shape;

sealed record NumberShape(decimal? Low, decimal? High, bool WholeOnly = false) : Shape;

sealed record FlagShape : Shape;

sealed record PeriodShape(bool OneDay) : Shape;

sealed record SpanShape : Shape;

sealed record QuantityShape : Shape;

sealed record AnyShape : Shape;

sealed record WordShape(IReadOnlyList<string> Words) : Shape;

/// <summary>The name of another object of one of these kinds.</summary>
sealed record ReferenceShape(IReadOnlyList<string> Kinds) : Shape;

/// <summary>A list; a single value stands for a list of one.</summary>
sealed record ListShape(Shape Item) : Shape;

sealed record MapShape(Shape Value) : Shape;

/// <summary>The first shape of the same make (text, list, keys) decides.</summary>
sealed record EitherShape(IReadOnlyList<Shape> Shapes) : Shape;

sealed record ObjectShape(IReadOnlyList<Field> Fields) : Shape
{
    public Field? Find(string key) => Fields.FirstOrDefault(field => field.Key == key);
}

/// <summary>One kind of object.</summary>
/// <param name="About">One sentence: what it stands for.</param>
sealed record Kind(string Word, string About, ObjectShape Spec);
