using PkgForge.Bench;
using PkgForge.Bench.Farms;
using PkgForge.Bench.Printing;
using PkgForge.Native;

if (Options.Read(args) is not { } options)
    return 2;
var rows = AllRows.Chosen(options.Rows);
if (rows.Count == 0)
{
    Console.Error.WriteLine($"no row begins with {string.Join(" or ", options.Rows)}; see --list");
    return 2;
}
if (options.List)
{
    Report.List(rows);
    return 0;
}

// The farm needs no root, and neither does what it is compared with.
if (Accounts.EffectiveUser == 0)
    return await BuilderUser.RunAsync(args);
return await Run.AllAsync(rows, options) ? 0 : 1;
