using PkgForge.Platforms;
using PkgForge.Registry;

namespace PkgForge.Web.Pages;

/// <summary>The head of a page for admins: where it is among them, and what was just done.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Title">Its name.</param>
/// <param name="Address">Its address.</param>
/// <param name="Notice">What was just done; null for nothing.</param>
public sealed record AdminHead(PageFrame Frame, string Title, string Address, Notice? Notice)
{
    /// <summary>All pages for admins.</summary>
    public static IReadOnlyList<(string Address, string Title)> Pages { get; } =
    [
        ("/admin", "Overview"),
        ("/admin/platforms", "Platforms"),
        ("/admin/builders", "Builders"),
        ("/admin/accounts", "Accounts"),
        ("/admin/caps", "Caps and priorities"),
        ("/admin/audit", "What was done"),
    ];
}

/// <summary>Something that is shown this once.</summary>
/// <param name="Title">What it is.</param>
/// <param name="Text">The secret, or the line that it stands in.</param>
/// <param name="Note">What to do with it.</param>
public sealed record ShownOnce(string Title, string Text, string Note);

/// <summary>What admins see first.</summary>
/// <param name="Head">The head.</param>
/// <param name="Facts">Names, numbers and where there is more.</param>
/// <param name="Audit">The last things that were done, newest first.</param>
public sealed record AdminView(
    AdminHead Head,
    IReadOnlyList<(string Name, string Value, string Address)> Facts,
    IReadOnlyList<AuditEntry> Audit
);

/// <summary>Platforms, to switch.</summary>
/// <param name="Head">The head.</param>
/// <param name="Platforms">All platforms.</param>
public sealed record AdminPlatformsView(AdminHead Head, IReadOnlyList<Platform> Platforms);

/// <summary>Builders, to add, enrol and remove.</summary>
/// <param name="Head">The head.</param>
/// <param name="Builders">All builders.</param>
/// <param name="Platforms">All platforms.</param>
/// <param name="Once">The line for another machine, right after it was asked for.</param>
public sealed record AdminBuildersView(
    AdminHead Head,
    IReadOnlyList<Builder> Builders,
    IReadOnlyList<Platform> Platforms,
    ShownOnce? Once
);

/// <summary>Who may use the farm.</summary>
/// <param name="Head">The head.</param>
/// <param name="Accounts">All accounts.</param>
/// <param name="Buckets">All buckets.</param>
/// <param name="Once">A token, right after it was asked for.</param>
public sealed record AdminAccountsView(
    AdminHead Head,
    IReadOnlyList<FarmAccount> Accounts,
    IReadOnlyList<string> Buckets,
    ShownOnce? Once
);

/// <summary>How many tasks of whom are built at once, and how soon.</summary>
/// <param name="Head">The head.</param>
/// <param name="Caps">All caps.</param>
/// <param name="Buckets">All buckets.</param>
public sealed record AdminCapsView(AdminHead Head, IReadOnlyList<Cap> Caps, IReadOnlyList<string> Buckets);

/// <summary>What was done over HTTP.</summary>
/// <param name="Head">The head.</param>
/// <param name="Query">What is asked for.</param>
/// <param name="Entries">A page of it, newest first.</param>
/// <param name="Older">The address of the next page; null when this is the last.</param>
public sealed record AdminAuditView(AdminHead Head, AuditQuery Query, IReadOnlyList<AuditEntry> Entries, string? Older);

/// <summary>How soon a job is to be built, to change.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Address">The job's address.</param>
/// <param name="Priority">What it is now.</param>
public sealed record PriorityChoice(PageFrame Frame, string Address, Jobs.Priority Priority);

/// <summary>A builder whose health an admin can look after.</summary>
/// <param name="Builder">The builder.</param>
/// <param name="Form">What forms carry.</param>
/// <param name="To">The page to come back to.</param>
public sealed record BuilderChoice(Builder Builder, string? Form, string To);

/// <summary>An account that an admin can change.</summary>
/// <param name="Account">The account.</param>
/// <param name="Buckets">All buckets.</param>
/// <param name="Form">What forms carry.</param>
public sealed record AccountChoice(FarmAccount Account, IReadOnlyList<string> Buckets, string? Form);
