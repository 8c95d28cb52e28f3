using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace PkgForge.Cli.Commands;

/// <summary>
/// Help in two depths: the first paragraph of a command's description stands in the list of commands; the paragraphs
/// after it, its examples, only in the command's own help, at the end.
/// </summary>
internal sealed class HelpPages : SynchronousCommandLineAction
{
    private readonly Dictionary<Command, string> more = [];
    private readonly HelpAction usual = new();

    /// <summary>Gives all commands such help.</summary>
    public static void Install(RootCommand root)
    {
        var pages = new HelpPages();
        pages.Split(root);
        root.Options.OfType<HelpOption>().Single().Action = pages;
    }

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        usual.Invoke(parseResult);
        if (more.TryGetValue(parseResult.CommandResult.Command, out var text))
            parseResult.InvocationConfiguration.Output.WriteLine(text);
        return ExitCode.Done;
    }

    private void Split(Command command)
    {
        if (command.Description?.Split("\n\n", 2) is [var summary, var rest])
        {
            command.Description = summary;
            more[command] = rest;
        }
        foreach (var child in command.Subcommands)
            Split(child);
    }
}
