using System.Globalization;

namespace PkgForge.Web.Logs;

/// <summary>Colours and weights that control sequences have set so far in a line.</summary>
internal sealed class SgrStyle
{
    private int? colour;
    private int? ground;
    private bool bold;
    private bool underlined;

    /// <summary>The CSS classes, parted by blanks; empty for plain text.</summary>
    public string Classes()
    {
        var classes = new List<string>();
        if (bold)
            classes.Add("bold");
        if (underlined)
            classes.Add("under");
        if (colour is { } front)
            classes.Add(string.Create(CultureInfo.InvariantCulture, $"c{front}"));
        if (ground is { } back)
            classes.Add(string.Create(CultureInfo.InvariantCulture, $"g{back}"));
        return string.Join(' ', classes);
    }

    /// <summary>Parameters of a sequence: numbers between semicolons. What is not known is passed by.</summary>
    public void Apply(string parameters)
    {
        var numbers = parameters.Split(';', ':');
        for (var i = 0; i < numbers.Length; i++)
        {
            var number = int.TryParse(numbers[i], NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                ? value
                : 0;
            // Of 256 or more colours none is shown, but their numbers are not to be taken for others.
            if (number is 38 or 48)
                i += i + 1 < numbers.Length && numbers[i + 1] == "2" ? 4 : 2;
            else
                Apply(number);
        }
    }

    private void Apply(int number)
    {
        switch (number)
        {
            case 0:
                (colour, ground, bold, underlined) = (null, null, false, false);
                break;
            case 1:
                bold = true;
                break;
            case 4:
                underlined = true;
                break;
            case 22:
                bold = false;
                break;
            case 24:
                underlined = false;
                break;
            case >= 30 and <= 37 or >= 90 and <= 97:
                colour = number % 10 + (number >= 90 ? 8 : 0);
                break;
            case 39:
                colour = null;
                break;
            case >= 40 and <= 47 or >= 100 and <= 107:
                ground = number % 10 + (number >= 100 ? 8 : 0);
                break;
            case 49:
                ground = null;
                break;
        }
    }
}
